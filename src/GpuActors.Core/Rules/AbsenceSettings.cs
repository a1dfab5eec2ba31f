namespace GpuActors.Core.Rules;

/// <summary>When a GPU counts as absent (<c>gpu-actors.rules.absence</c>). Which alert opens depends on what else is absent.</summary>
public sealed record AbsenceSettings
{
    /// <summary>Missed sample intervals, as this GPU's own samples show them. Default 3.</summary>
    public int Intervals { get; init; } = 3;

    /// <summary>Shortest absence that counts, whatever the interval. Default 3 s.</summary>
    public TimeSpan MinAbsence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest absence that does not count, whatever the interval. Default 5 minutes.</summary>
    public TimeSpan MaxAbsence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Samples that a GPU must have sent before its absence is a fault. Default 10: what was heard of only once or twice may be a test, or
    /// a record with a damaged id.
    /// </summary>
    public int MinSamples { get; init; } = 10;

    /// <summary>Absence that counts, in milliseconds, of a GPU that is usually heard so often (NaN when unknown).</summary>
    public double LimitMs(double intervalMs) =>
        Math.Clamp(
            double.IsNaN(intervalMs) ? MaxAbsence.TotalMilliseconds : Intervals * intervalMs,
            MinAbsence.TotalMilliseconds,
            MaxAbsence.TotalMilliseconds
        );

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (Intervals < 2)
        {
            yield return $"intervals = {Intervals}: must be at least 2, or the jitter of scrapes opens alerts";
        }

        if (MinAbsence <= TimeSpan.Zero || MinAbsence > MaxAbsence)
        {
            yield return $"min-absence = {MinAbsence}: must be positive and not above max-absence ({MaxAbsence})";
        }

        if (MinSamples < 1)
        {
            yield return $"min-samples = {MinSamples}: must be at least 1";
        }
    }
}
