namespace GpuActors.Core.Rules;

/// <summary>The rule on the slope of the temperature over days.</summary>
public sealed record TemperatureTrendRuleSettings : AlertRuleSettings
{
    /// <summary>Rise, by least squares over the hourly means of seven days, above which it fires, in °C a day. Default 1.</summary>
    public double MaxCelsiusPerDay { get; init; } = 1;

    /// <summary>Span that the hours with samples must cover. Default 3 days: a warming window says nothing.</summary>
    public TimeSpan MinCovered { get; init; } = TimeSpan.FromDays(3);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(MaxCelsiusPerDay > 0 ? [] : [$"max-celsius-per-day = {MaxCelsiusPerDay}: more than 0 is wanted"])
            .Concat(
                MinCovered >= TimeSpan.FromHours(6) && MinCovered <= TimeSpan.FromDays(7)
                    ? []
                    : [$"min-covered = {MinCovered}: 6h to 7d is wanted"]
            );
}
