namespace GpuActors.Core.Rules;

/// <summary>The rule on the rate of single-bit errors.</summary>
public sealed record EccSbeRuleSettings : AlertRuleSettings
{
    /// <summary>New errors within the last 60 minutes above which it fires, while they do not grow fewer. Default 100.</summary>
    public int MaxPerHour { get; init; } = 100;

    /// <summary>
    /// Part of the hour that samples must cover before it resolves. Default 54 minutes: no errors are known of minutes without samples.
    /// </summary>
    public TimeSpan MinCovered { get; init; } = TimeSpan.FromMinutes(54);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(MaxPerHour >= 0 ? [] : [$"max-per-hour = {MaxPerHour}: 0 or more is wanted"])
            .Concat(
                MinCovered >= TimeSpan.Zero && MinCovered <= TimeSpan.FromMinutes(60)
                    ? []
                    : [$"min-covered = {MinCovered}: 0 to 60m is wanted"]
            );
}
