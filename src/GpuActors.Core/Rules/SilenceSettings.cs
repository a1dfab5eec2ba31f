namespace GpuActors.Core.Rules;

/// <summary>When a GPU counts as silent (<c>gpu-actors.rules.silence</c>); which alert it is depends on what else is silent.</summary>
public sealed record SilenceSettings
{
    /// <summary>Missed sample intervals, as this GPU's own samples show them. Default 3.</summary>
    public int Intervals { get; init; } = 3;

    /// <summary>Shortest silence that counts, whatever the interval. Default 3 s.</summary>
    public TimeSpan MinSilence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest silence that does not count, whatever the interval. Default 5 minutes.</summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Silence that counts, in milliseconds, of a GPU that is usually heard so often (NaN when unknown).</summary>
    public double LimitMs(double intervalMs) =>
        Math.Clamp(
            double.IsNaN(intervalMs) ? MaxSilence.TotalMilliseconds : Intervals * intervalMs,
            MinSilence.TotalMilliseconds,
            MaxSilence.TotalMilliseconds
        );

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate() =>
        (Intervals >= 2 ? [] : new[] { $"intervals = {Intervals}: at least 2 is wanted, or jitter alone fires it" }).Concat(
            MinSilence > TimeSpan.Zero && MinSilence <= MaxSilence
                ? []
                : [$"min-silence = {MinSilence}: a positive time not above max-silence ({MaxSilence}) is wanted"]
        );
}
