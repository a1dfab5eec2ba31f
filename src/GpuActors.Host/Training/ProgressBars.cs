using Spectre.Console;

namespace GpuActors.Host.Training;

/// <summary>Progress bars of long work on a terminal; elsewhere nothing is shown.</summary>
internal static class ProgressBars
{
    /// <summary>Does work with bars.</summary>
    /// <param name="isShown">Whether the output is a terminal.</param>
    /// <param name="work">The work. It gets a function that adds a bar, by its name and its value at the end, and returns what sets the
    /// value, from any thread.</param>
    public static T Show<T>(bool isShown, Func<Func<string, double, Action<double>>, T> work) =>
        isShown
            ? AnsiConsole
                .Progress()
                .Start(context =>
                    work(
                        (name, end) =>
                        {
                            var bar = context.AddTask(name, maxValue: end);
                            return value => bar.Value = value;
                        }
                    )
                )
            : work((_, _) => _ => { });
}
