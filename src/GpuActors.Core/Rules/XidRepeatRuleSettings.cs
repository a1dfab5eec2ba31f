namespace GpuActors.Core.Rules;

/// <summary>A rule on one XID that comes again and again on one GPU.</summary>
public sealed record XidRepeatRuleSettings : AlertRuleSettings
{
    /// <summary>Bursts within <see cref="Window"/> from which it fires, 2 to 8. Default 5.</summary>
    public int Bursts { get; init; } = 5;

    /// <summary>Span looked at. Default 24 h.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Occurrences this close to the one before are of the same burst. Default 3 minutes.</summary>
    public TimeSpan BurstGap { get; init; } = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(Bursts is >= 2 and <= 8 ? [] : [$"bursts = {Bursts}: 2 to 8 is wanted"])
            .Concat(
                BurstGap >= TimeSpan.Zero && Window > BurstGap
                    ? []
                    : [$"window = {Window}, burst-gap = {BurstGap}: the window must be the longer one"]
            );
}
