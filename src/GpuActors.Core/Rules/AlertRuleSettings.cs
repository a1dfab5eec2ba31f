using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>The settings that every rule has. A rule without thresholds has only these.</summary>
public record AlertRuleSettings
{
    /// <summary>Whether the rule is in force. Default on.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Urgency of its alerts. Default critical.</summary>
    public AlertSeverity Severity { get; init; } = AlertSeverity.Critical;

    /// <summary>N of N-of-M: samples of the last <see cref="Of"/> in which the condition must hold. Default 1.</summary>
    public int Required { get; init; } = 1;

    /// <summary>M of N-of-M: samples looked at, at most 64. Default 1. A sample without the metric does not count.</summary>
    public int Of { get; init; } = 1;

    /// <summary>How long, in sample time, the condition must last before the alert opens. Default 0.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// How long, in sample time, the condition must be over before the alert resolves: keeps a flickering one from flapping. Default 10 s.
    /// </summary>
    public TimeSpan ClearDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after a driver reload no alert opens, because links train and counters start. Default 0.</summary>
    public TimeSpan BootGrace { get; init; } = TimeSpan.Zero;

    /// <summary>Recommended action, one of <see cref="RecommendedAction"/>.</summary>
    public string Action { get; init; } = RecommendedAction.None;

    /// <summary>Anchor in the runbook.</summary>
    public string Runbook { get; init; } = "";

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public virtual IEnumerable<string> Validate()
    {
        if (Of is < 1 or > 64 || Required < 1 || Required > Of)
        {
            yield return $"required = {Required}, of = {Of}: must be 1 <= required <= of <= 64";
        }

        if (Hold < TimeSpan.Zero || ClearDelay < TimeSpan.Zero || BootGrace < TimeSpan.Zero)
        {
            yield return $"hold = {Hold}, clear-delay = {ClearDelay}, boot-grace = {BootGrace}: must not be negative";
        }

        if (!RecommendedAction.All.Contains(Action))
        {
            yield return $"action = {Action}: must be one of {string.Join(", ", RecommendedAction.All)}";
        }
    }
}
