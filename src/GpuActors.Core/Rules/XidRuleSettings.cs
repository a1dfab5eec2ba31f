namespace GpuActors.Core.Rules;

/// <summary>The rule on XIDs; severity and action are the policy's, per code.</summary>
public sealed record XidRuleSettings : AlertRuleSettings
{
    /// <summary>How long after its last occurrence the alert of an XID that need not stay open resolves. Default 24 h.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Within which time the same code from kernel log, windowed count and gauge is one occurrence. Default 2 minutes: exporters look every
    /// 30 s or less.
    /// </summary>
    public TimeSpan SameOccurrence { get; init; } = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                QuietTime > TimeSpan.Zero && SameOccurrence >= TimeSpan.Zero
                    ? []
                    :
                    [
                        $"quiet-time = {QuietTime}, same-occurrence = {SameOccurrence}: a positive time and one that is not negative are wanted",
                    ]
            );
}
