using System.CommandLine;
using Spectre.Console;

namespace GpuActors.Host.Cli;

/// <summary>What a command does with the lines of a file that cannot be read.</summary>
internal static class BadLines
{
    private const int Shown = 10;

    /// <summary><c>--skip-bad</c>.</summary>
    public static Option<bool> Skip() => new("--skip-bad") { Description = "Leaves lines out that cannot be read, and counts them" };

    /// <summary>Names the first of them, and says how many are left out.</summary>
    /// <param name="terminal">Where they are named.</param>
    /// <param name="path">The file.</param>
    /// <param name="errors">The lines with number and reason.</param>
    /// <param name="skip">Whether they may be left out.</param>
    /// <param name="undone">What is not done otherwise, such as <c>nothing was trained</c>.</param>
    /// <exception cref="InvalidDataException">There are some, and they may not be left out.</exception>
    public static void Report(Terminal terminal, string path, IReadOnlyCollection<string> errors, bool skip, string undone)
    {
        if (errors.Count == 0)
        {
            return;
        }

        foreach (var error in errors.Take(Shown))
        {
            terminal.Notice($"[yellow]{path.EscapeMarkup()}:[/] {error.EscapeMarkup()}");
        }

        var count = errors.Count == 1 ? "1 line" : $"{errors.Count} lines";
        if (!skip)
        {
            throw new InvalidDataException(
                $"{path}: {count} cannot be read, {undone}: mend the file, or leave bad lines out with --skip-bad"
            );
        }

        terminal.Notice($"{count} {(errors.Count == 1 ? "is" : "are")} left out.");
    }
}
