namespace GpuActors.Core.Rules;

/// <summary>The rule on heat that leaves the GPU worse than before at the same power: thermal interface, dust, a failing fan.</summary>
public sealed record ThermalResistanceRuleSettings : AlertRuleSettings
{
    /// <summary>
    /// Mean excess of the last <see cref="Recent"/> over what the week before predicts for the same power, in °C, above which it fires.
    /// Default 6.
    /// </summary>
    public double MaxExcessCelsius { get; init; } = 6;

    /// <summary>What counts as recent; the baseline is what lies before it. Default 1 day.</summary>
    public TimeSpan Recent { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Hours with samples that the baseline must have. Default 2 days.</summary>
    public TimeSpan MinBaseline { get; init; } = TimeSpan.FromDays(2);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(MaxExcessCelsius > 0 ? [] : [$"max-excess-celsius = {MaxExcessCelsius}: more than 0 is wanted"])
            .Concat(
                Recent >= TimeSpan.FromHours(1) && MinBaseline >= TimeSpan.FromHours(6) && Recent + MinBaseline <= TimeSpan.FromDays(7)
                    ? []
                    : [$"recent = {Recent}, min-baseline = {MinBaseline}: at least 1h and 6h, together at most 7d, are wanted"]
            );
}
