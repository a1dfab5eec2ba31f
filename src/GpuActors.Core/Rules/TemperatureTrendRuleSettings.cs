namespace GpuActors.Core.Rules;

/// <summary>The rule on the slope of the temperature over days.</summary>
public sealed record TemperatureTrendRuleSettings : AlertRuleSettings
{
    /// <summary>Rise, by least squares over the hourly means of seven days, above which the alert opens, in °C a day. Default 1.</summary>
    public double MaxCelsiusPerDay { get; init; } = 1;

    /// <summary>Span that the hours with samples must cover. Default 3 days.</summary>
    public TimeSpan MinCovered { get; init; } = TimeSpan.FromDays(3);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(MaxCelsiusPerDay > 0 ? [] : [$"max-celsius-per-day = {MaxCelsiusPerDay}: must be above 0"])
            .Concat(
                MinCovered >= TimeSpan.FromHours(6) && MinCovered <= TimeSpan.FromDays(7)
                    ? []
                    : [$"min-covered = {MinCovered}: must be between 6h and 7d"]
            );
}
