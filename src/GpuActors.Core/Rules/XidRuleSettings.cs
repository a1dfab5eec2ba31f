namespace GpuActors.Core.Rules;

/// <summary>The rule on XIDs. Severity and action come from the XID policy, per code.</summary>
public sealed record XidRuleSettings : AlertRuleSettings
{
    /// <summary>
    /// How long after the last occurrence of an XID its alert resolves, unless the policy says that it stays open. Default 24 h.
    /// </summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Time within which kernel log, windowed count and gauge report the same occurrence of a code. Default 2 minutes: exporters collect
    /// every 30 s or more often.
    /// </summary>
    public TimeSpan SameOccurrence { get; init; } = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                QuietTime > TimeSpan.Zero && SameOccurrence >= TimeSpan.Zero
                    ? []
                    : [$"quiet-time = {QuietTime}: must be positive; same-occurrence = {SameOccurrence}: must not be negative"]
            );
}
