using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using GpuActors.Core.Histories;
using GpuActors.Core.Samples;

namespace GpuActors.Learning.Histories;

/// <summary>A life and repair log that was read from a CSV file.</summary>
/// <param name="Spans">Its lines, in the order of the file.</param>
/// <param name="Errors">Lines that could not be read, with the reason.</param>
public sealed record HistoryFile(IReadOnlyList<LifeSpan> Spans, IReadOnlyList<HistoryError> Errors)
{
    private const DateTimeStyles Styles = DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.NoCurrentDateDefault;

    /// <summary>Reads a CSV file with a header. Lines that cannot be read are collected; they never stop the others.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="zone">Time zone of dates that name none.</param>
    /// <param name="observedUntilMs">End of observation in Unix milliseconds: a line without event that ends then or later tells of a GPU
    /// that was still in service. Null if the log says so by an empty column.</param>
    /// <exception cref="InvalidDataException">The header lacks a column.</exception>
    public static HistoryFile Read(TextReader reader, HistoryColumns columns, TimeZoneInfo zone, long? observedUntilMs = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(zone);
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            MissingFieldFound = null,
            BadDataFound = null,
        };
        using var csv = new CsvReader(reader, configuration, leaveOpen: true);
        if (!csv.Read() || !csv.ReadHeader())
        {
            throw new InvalidDataException("the file is empty: its first line must name the columns");
        }

        var header = csv.HeaderRecord ?? [];
        var at = columns.All.Select(column => IndexOf(header, column.Key, column.Column)).ToArray();
        var spans = new List<LifeSpan>();
        var errors = new List<HistoryError>();
        while (csv.Read())
        {
            var line = csv.Parser.RawRow;
            if (csv.Parser.Count != header.Length)
            {
                errors.Add(new HistoryError(line, $"it has {csv.Parser.Count} fields: the header has {header.Length}"));
                continue;
            }

            try
            {
                spans.Add(Span([.. at.Select(index => csv.GetField(index) ?? "")], columns, zone, observedUntilMs));
            }
            catch (FormatException e)
            {
                errors.Add(new HistoryError(line, e.Message));
            }
        }

        return new HistoryFile(spans, errors);
    }

    private static int IndexOf(string[] header, string key, string column)
    {
        var index = Array.FindIndex(header, name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
        return index >= 0
            ? index
            : throw new InvalidDataException(
                $"the file has no column '{column}' (it has {string.Join(", ", header)}): name the column with --column {key}=NAME"
            );
    }

    private static LifeSpan Span(string[] fields, HistoryColumns columns, TimeZoneInfo zone, long? observedUntilMs)
    {
        if (fields is not [{ Length: > 0 } gpu, var location, var start, var end, var what])
        {
            throw new FormatException($"{columns.Gpu} is empty: every line needs the GPU's serial number or UUID");
        }

        if (!GpuId.TryParse(gpu, out _))
        {
            throw new FormatException(
                $"{columns.Gpu} = '{gpu}': it must be a UUID or serial number of 1 to {GpuId.MaxLength} characters without space"
            );
        }

        var inserted = Time(start, columns.Inserted, zone);
        var removed = Time(end, columns.Removed, zone);
        var failure = what.Length == 0 ? null : what;
        if (inserted is null && failure is null)
        {
            throw new FormatException($"{columns.Inserted} is empty: only a line with an event may have no start");
        }

        if (failure is not null && removed is null)
        {
            throw new FormatException($"{columns.Event} = '{failure}', but {columns.Removed} is empty: it is the time of the event");
        }

        if (removed < inserted)
        {
            throw new FormatException($"{columns.Removed} = '{end}' is before {columns.Inserted} = '{start}'");
        }

        var inService = failure is null && removed >= observedUntilMs;
        return new LifeSpan(gpu, location, inserted, inService ? null : removed, failure);
    }

    private static long? Time(string text, string column, TimeZoneInfo zone)
    {
        if (text.Length == 0)
        {
            return null;
        }

        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, Styles | DateTimeStyles.RoundtripKind, out var time) || time.Year < 1970)
        {
            throw new FormatException($"{column} = '{text}': it must be a date and time such as 2017-04-09 21:36:19");
        }

        if (time.Kind != DateTimeKind.Unspecified)
        {
            return new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeMilliseconds();
        }

        // A time that a zone skips in spring is an error of the log by up to an hour; it is read by the offset before the change.
        var offset = zone.IsInvalidTime(time) ? zone.BaseUtcOffset : zone.GetUtcOffset(time);
        return new DateTimeOffset(time, offset).ToUnixTimeMilliseconds();
    }
}
