using GpuActors.Core.Rules;
using GpuActors.Host.Configuration;
using GpuActors.Host.Logging;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Node;

/// <summary>
/// Puts changed rules into force while the node runs. It compares the content of the <c>--config</c> files and uses no file system events,
/// which get lost on network drives and mounted config maps. A changed file is validated as a whole: either all of its rules come into
/// force, or none, and the reasons are logged.
/// </summary>
/// <param name="source">Loads the configuration.</param>
/// <param name="rules">Gets the new rules.</param>
/// <param name="time">Timer.</param>
/// <param name="logger">Gets an event for each change.</param>
internal sealed class RuleReloader(ConfigSource source, RuleBook rules, TimeProvider time, ILogger logger)
{
    private string _texts = Texts(source.Files);

    /// <summary>Checks the files every <paramref name="interval"/> until stopped; 0 is never.</summary>
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
                Check();
            }
        }
        catch (OperationCanceledException)
        {
            // Cancellation ends the loop.
        }
    }

    /// <summary>Checks the files once.</summary>
    internal void Check()
    {
        var texts = Texts(source.Files);
        if (texts == _texts)
        {
            return;
        }

        _texts = texts;
        var files = string.Join(", ", source.Files);
        try
        {
            rules.Replace(source.Load().Rules);
            logger.RulesReplaced(files);
        }
        catch (ConfigurationException e)
        {
            logger.RulesRefused(files, string.Join("; ", e.Problems));
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
                    return e.GetType().Name; // Loading the configuration reports the cause.
                }
            })
        );
}
