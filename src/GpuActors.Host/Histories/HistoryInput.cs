using System.CommandLine;
using System.Globalization;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Learning.Histories;

namespace GpuActors.Host.Histories;

/// <summary>A life and repair log on a command line: the file, and the options that say how to read it.</summary>
internal sealed class HistoryInput
{
    private readonly Option<string[]> _columns = new("--column")
    {
        Description = "Column of the file for gpu, location, inserted, removed or event, such as gpu=SN; repeatable",
        HelpName = "KEY=NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _zone = new("--zone")
    {
        Description = "Time zone of dates that name none, such as America/New_York (default: UTC)",
        HelpName = "ZONE",
    };

    private readonly Option<string?> _observedUntil = new("--observed-until")
    {
        Description = "End of the log: GPUs removed then or later without an event were still in service (default: last date)",
        HelpName = "DATE",
    };

    private readonly Option<bool> _skipBad = BadLines.Skip();

    /// <summary>The file.</summary>
    public Argument<string> File { get; } = new("FILE") { Description = "CSV with a header: GPU, location, inserted, removed, event" };

    /// <summary>The file of a command that can do without, and then reads the database.</summary>
    public Argument<string?> OptionalFile { get; } =
        new("FILE")
        {
            Description = "CSV with a header: GPU, location, inserted, removed, event (default: the history in the database)",
            Arity = ArgumentArity.ZeroOrOne,
        };

    /// <summary>How to read it.</summary>
    public IEnumerable<Option> Options => [_columns, _zone, _observedUntil, _skipBad];

    /// <summary>The end of the log in Unix milliseconds; null if it is not given.</summary>
    /// <exception cref="ConfigurationException">It is no date.</exception>
    public long? ObservedUntil(ParseResult parse) => Date(parse.GetValue(_observedUntil), "--observed-until");

    /// <summary>The time zone of dates that name none.</summary>
    /// <exception cref="ConfigurationException">There is no such zone.</exception>
    public TimeZoneInfo Zone(ParseResult parse)
    {
        var id = parse.GetValue(_zone) ?? "UTC";
        return TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
            ? zone
            : throw new ConfigurationException($"--zone = '{id}': it must be a time zone such as America/New_York");
    }

    /// <summary>Reads the file.</summary>
    /// <param name="terminal">Where bad lines are named.</param>
    /// <param name="parse">The command line.</param>
    /// <param name="undone">What is not done if lines are bad and may not be left out.</param>
    /// <exception cref="ConfigurationException">An option is wrong.</exception>
    /// <exception cref="InvalidDataException">The file lacks a column, or has bad lines that may not be left out.</exception>
    public HistoryFile Read(Terminal terminal, ParseResult parse, string undone) =>
        Read(terminal, parse, parse.GetRequiredValue(File), undone);

    /// <summary>Reads a file.</summary>
    public HistoryFile Read(Terminal terminal, ParseResult parse, string path, string undone)
    {
        HistoryFile file;
        try
        {
            var columns = HistoryColumns.Parse(parse.GetValue(_columns) ?? []);
            using var reader = new StreamReader(path);
            file = HistoryFile.Read(reader, columns, Zone(parse), ObservedUntil(parse));
        }
        catch (FormatException e)
        {
            throw new ConfigurationException(e.Message);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }

        BadLines.Report(terminal, path, [.. file.Errors.Select(e => e.ToString())], parse.GetValue(_skipBad), undone);
        return file;
    }

    /// <summary>The date of an option in Unix milliseconds; null stays null.</summary>
    /// <exception cref="ConfigurationException">It is no date.</exception>
    public static long? Date(string? text, string option)
    {
        if (text is null)
        {
            return null;
        }

        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Styles, out var time)
            ? time.ToUnixTimeMilliseconds()
            : throw new ConfigurationException($"{option} = '{text}': it must be a date such as 2019-08-01, in UTC if it names no zone");
    }
}
