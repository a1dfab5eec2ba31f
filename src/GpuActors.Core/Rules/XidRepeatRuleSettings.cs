namespace GpuActors.Core.Rules;

/// <summary>A rule on an XID that recurs on one GPU.</summary>
public sealed record XidRepeatRuleSettings : AlertRuleSettings
{
    /// <summary>Bursts within <see cref="Window"/> from which the alert opens, 2 to 8. Default 5.</summary>
    public int Bursts { get; init; } = 5;

    /// <summary>Span looked at. Default 24 h.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Longest time between two occurrences of the same burst. Default 3 minutes.</summary>
    public TimeSpan BurstGap { get; init; } = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(Bursts is >= 2 and <= 8 ? [] : [$"bursts = {Bursts}: must be between 2 and 8"])
            .Concat(
                BurstGap >= TimeSpan.Zero && Window > BurstGap
                    ? []
                    : [$"window = {Window}, burst-gap = {BurstGap}: burst-gap must not be negative, and window must be longer"]
            );
}
