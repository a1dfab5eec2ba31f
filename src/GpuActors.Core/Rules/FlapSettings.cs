namespace GpuActors.Core.Rules;

/// <summary>
/// When an alert that opens and resolves repeatedly counts as flapping (<c>gpu-actors.rules.flapping</c>). It then stays open, and one
/// alert reports the flapping.
/// </summary>
public sealed record FlapSettings : AlertRuleSettings
{
    /// <summary>Openings of one alert within <see cref="Window"/> from which it flaps, 2 to 16. Default 4.</summary>
    public int Openings { get; init; } = 4;

    /// <summary>Span looked at. Default 1 h.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the condition must be over before a flapping alert resolves. Default 30 minutes.</summary>
    public TimeSpan Stable { get; init; } = TimeSpan.FromMinutes(30);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(Openings is >= 2 and <= 16 ? [] : [$"openings = {Openings}: must be between 2 and 16"])
            .Concat(Window > TimeSpan.Zero && Stable > TimeSpan.Zero ? [] : [$"window = {Window}, stable = {Stable}: must be positive"]);
}
