using System.Collections;
using Spectre.Console;

namespace GpuActors.Host.Cli;

/// <summary>
/// Where a command writes: results to <see cref="Out"/>, everything else to <see cref="Error"/>. Colours are used only on a terminal and
/// without NO_COLOR. Thread-safe by line.
/// </summary>
internal sealed class Terminal
{
    private readonly Lock _writing = new();
    private readonly IAnsiConsole _out;
    private readonly IAnsiConsole _error;

    public Terminal(TextWriter output, TextWriter error, IDictionary environment, bool outIsTerminal = false, bool errorIsTerminal = false)
    {
        var colour = environment["NO_COLOR"] is not string { Length: > 0 };
        Environment = environment;
        Out = output;
        Error = error;
        OutIsTerminal = outIsTerminal;
        _out = Create(output, colour && outIsTerminal);
        _error = Create(error, colour && errorIsTerminal);
    }

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Notices, warnings, errors.</summary>
    public TextWriter Error { get; }

    /// <summary>Environment variables.</summary>
    public IDictionary Environment { get; }

    /// <summary>Whether <see cref="Out"/> is a terminal.</summary>
    public bool OutIsTerminal { get; }

    /// <summary>The terminal of the process.</summary>
    public static Terminal OfProcess() =>
        new(
            Console.Out,
            Console.Error,
            System.Environment.GetEnvironmentVariables(),
            !Console.IsOutputRedirected,
            !Console.IsErrorRedirected
        );

    /// <summary>Writes a line of Spectre markup as a result.</summary>
    public void Line(string markup) => Write(_out, markup);

    /// <summary>Writes a line of Spectre markup as a notice.</summary>
    public void Notice(string markup) => Write(_error, markup);

    /// <summary>Writes a plain text as a result.</summary>
    public void Plain(string text)
    {
        lock (_writing)
        {
            Out.WriteLine(text);
            Out.Flush();
        }
    }

    /// <summary>Writes a plain text as a notice.</summary>
    public void Log(string text)
    {
        lock (_writing)
        {
            Error.WriteLine(text);
            Error.Flush();
        }
    }

    private void Write(IAnsiConsole console, string markup)
    {
        lock (_writing)
        {
            console.MarkupLine(markup);
            console.Profile.Out.Writer.Flush();
        }
    }

    private static IAnsiConsole Create(TextWriter writer, bool colour)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = colour ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
            }
        );
        if (!colour)
        {
            // A file or pipe has no width: a line must stay one line.
            console.Profile.Width = 10_000;
        }

        return console;
    }
}
