namespace GpuActors.Core.Rules;

/// <summary>A rule on the share of time that a bit of the throttle mask is set.</summary>
public sealed record DutyRuleSettings : AlertRuleSettings
{
    /// <summary>Span looked at. Default 10 minutes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Share of samples with the bit that fires, above 0 to 1. Default 0.6: gpud calls 6 of 10 minutes unhealthy.</summary>
    public double MinDuty { get; init; } = 0.6;

    /// <summary>Span that samples must cover before the rule is evaluated. Default 5 minutes.</summary>
    public TimeSpan MinCovered { get; init; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(MinDuty is > 0 and <= 1 ? [] : [$"min-duty = {MinDuty}: must be above 0 and at most 1"])
            .Concat(MinCovered <= Window ? [] : [$"min-covered = {MinCovered}: must not be above window ({Window})"]);
}
