namespace GpuActors.Core.Silences;

/// <summary>Alerts that do not page for a time.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Matchers">An alert is silenced when all of them hold.</param>
/// <param name="StartsAtMs">From when, Unix milliseconds.</param>
/// <param name="EndsAtMs">Until when, Unix milliseconds; excluded.</param>
/// <param name="By">Who created it.</param>
/// <param name="Comment">Why; may be empty.</param>
/// <param name="Kind">Silence or maintenance.</param>
public sealed record Silence(
    string Id,
    IReadOnlyList<SilenceMatcher> Matchers,
    long StartsAtMs,
    long EndsAtMs,
    string By,
    string Comment,
    SilenceKind Kind
)
{
    /// <summary>Whether it holds at a time.</summary>
    /// <param name="nowMs">Unix milliseconds.</param>
    public bool IsActive(long nowMs) => nowMs >= StartsAtMs && nowMs < EndsAtMs;
}
