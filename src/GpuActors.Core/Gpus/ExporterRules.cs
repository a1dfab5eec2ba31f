using GpuActors.Core.Alerts;
using GpuActors.Core.Logs;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The rule on an exporter: whether it can be scraped, by what its collector reports. The exporter has a state like a GPU, without samples.
/// </summary>
internal sealed class ExporterRules
{
    // The alert has no code: one exporter has one such alert.
    private const int NoCode = 0;

    private readonly CodeAlerts _alerts = new();

    /// <summary>Evaluates a report of the collector.</summary>
    public void Evaluate(in Evaluation now, KernelLogEvent line)
    {
        var rule = RuleCatalog.ExporterDown;
        var settings = now.Rules.Of(rule);
        var isDown = line.Kind == KernelLogKind.ExporterDown;
        var isLong = now.TimeMs - _alerts.OpenedAtMs(rule, NoCode) >= (long)settings.CriticalAfter.TotalMilliseconds;
        var text = new DriverText(line.Message, isLong || line.Code != 0 ? AlertSeverity.Critical : null, null);
        var summary = $"The exporter {line.Gpu.Value[KernelLogEvent.ExporterPrefix.Length..]} can't be scraped: {line.Message}";
        _alerts.Step(now, rule, NoCode, isDown, settings.ClearDelay, settings.Severity, settings.Action, summary, text);
    }

    public void Recall(AlertTransition open) => _alerts.Recall(RuleCatalog.ExporterDown, NoCode, open);

    /// <summary>Closes the open alert: the exporter is retired.</summary>
    public void Retire(in Evaluation now) => _alerts.Retire(now);

    public IEnumerable<OpenAlert> OpenAlerts(GpuReadings gpu, RuleSettings rules) => _alerts.OpenAlerts(gpu, rules);

    public void Save(BinaryWriter writer) => _alerts.Save(writer);

    public void Load(BinaryReader reader) => _alerts.Load(reader);
}
