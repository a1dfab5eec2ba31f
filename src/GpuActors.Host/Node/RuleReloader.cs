using GpuActors.Core.Rules;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Node;

/// <summary>
/// Puts changed rules into force while the node runs. It looks at the content of the <c>--config</c> files, not at events of the file
/// system: these get lost on network drives and mounted config maps. A changed file is validated as a whole: all of its rules come into
/// force, or none and the reasons are told.
/// </summary>
internal sealed class RuleReloader(ConfigSource source, RuleBook rules, TimeProvider time, Action<string> notice)
{
    private string _texts = Texts(source.Files);

    /// <summary>Looks every <paramref name="interval"/> until stopped; 0 is never.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken stop)
    {
        if (source.Files.Count == 0 || interval <= TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // This is how it ends.
        }
    }

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        var texts = Texts(source.Files);
        if (texts == _texts)
        {
            return;
        }

        _texts = texts;
        try
        {
            rules.Replace(source.Load().Rules);
            notice($"rules of {string.Join(", ", source.Files)} are in force; other keys come into force at the next start");
        }
        catch (ConfigurationException e)
        {
            notice($"{string.Join(", ", source.Files)} refused, the rules in force stay: {string.Join("; ", e.Problems)}");
        }
    }

    private static string Texts(IReadOnlyList<string> files) =>
        string.Join(
            '\0',
            files.Select(file =>
            {
                try
                {
                    return File.ReadAllText(file);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return e.GetType().Name; // Loading says what is wrong with it.
                }
            })
        );
}
