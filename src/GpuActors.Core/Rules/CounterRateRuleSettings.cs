namespace GpuActors.Core.Rules;

/// <summary>A rule on the increase of a counter from one sample to the next.</summary>
public sealed record CounterRateRuleSettings : AlertRuleSettings
{
    /// <summary>Increase, in errors a second, above which the alert opens; 0 means any increase. Default 0.</summary>
    public double MaxPerSecond { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate().Concat(MaxPerSecond >= 0 ? [] : [$"max-per-second = {MaxPerSecond}: must be at least 0"]);
}
