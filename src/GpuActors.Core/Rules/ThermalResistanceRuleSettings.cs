namespace GpuActors.Core.Rules;

/// <summary>
/// The rule on a GPU that gets hotter than before at the same power, as with a worn thermal interface, dust or a failing fan.
/// </summary>
public sealed record ThermalResistanceRuleSettings : AlertRuleSettings
{
    /// <summary>
    /// Mean excess of the last <see cref="Recent"/> over what the week before predicts for the same power, in °C, above which the alert
    /// opens.
    /// Default 6.
    /// </summary>
    public double MaxExcessCelsius { get; init; } = 6;

    /// <summary>What counts as recent; the hours before it are the baseline. Default 1 day.</summary>
    public TimeSpan Recent { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Hours with samples that the baseline must have. Default 2 days.</summary>
    public TimeSpan MinBaseline { get; init; } = TimeSpan.FromDays(2);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(MaxExcessCelsius > 0 ? [] : [$"max-excess-celsius = {MaxExcessCelsius}: must be above 0"])
            .Concat(
                Recent >= TimeSpan.FromHours(1) && MinBaseline >= TimeSpan.FromHours(6) && Recent + MinBaseline <= TimeSpan.FromDays(7)
                    ? []
                    : [$"recent = {Recent}, min-baseline = {MinBaseline}: must be at least 1h and 6h, and together at most 7d"]
            );
}
