namespace GpuActors.Core.Rules;

/// <summary>The rule on exporters that can't be scraped.</summary>
public sealed record ExporterDownRuleSettings : AlertRuleSettings
{
    /// <summary>
    /// How long the exporter has been down when its alert becomes critical. Default 5 minutes, as for a host: its GPUs are not watched.
    /// </summary>
    public TimeSpan CriticalAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate().Concat(CriticalAfter >= TimeSpan.Zero ? [] : [$"critical-after = {CriticalAfter}: must be at least 0"]);
}
