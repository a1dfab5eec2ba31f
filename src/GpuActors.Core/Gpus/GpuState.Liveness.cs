using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

// Whether samples come at all, and whether they say anything.
public sealed partial class GpuState
{
    private static readonly MetricDefinition[] Required = [.. MetricCatalog.All.Where(m => m.Required)];

    private bool _exporterDown;

    /// <summary>Whether the collector has said, since the last sample, that the GPU's exporter is down while its host answers.</summary>
    public bool ExporterIsDown => _exporterDown;

    /// <summary>Whether the GPU has not been heard of for too long, and no alert says so yet.</summary>
    /// <param name="nowMs">Log time: append time of the newest records of the log, Unix milliseconds.</param>
    /// <param name="rules">Rules in force.</param>
    public bool IsAbsent(long nowMs, RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return _samples > 0 && nowMs - _appendMs >= rules.Absence.LimitMs(_intervalMs) && !RuleCatalog.Absence.Any(IsFiring);
    }

    /// <summary>Opens the alert of a GPU that <see cref="IsAbsent"/>.</summary>
    /// <param name="nowMs">Log time: append time of the newest records of the log, Unix milliseconds.</param>
    /// <param name="cause">What is known of the host: <see cref="RuleCatalog.GpuAbsent"/> (nothing), <see cref="RuleCatalog.GpuLost"/>,
    /// <see cref="RuleCatalog.HostAbsent"/> or <see cref="RuleCatalog.ExporterDown"/>.</param>
    /// <param name="rules">Rules in force.</param>
    /// <param name="transitions">Takes the transition, if there is one.</param>
    public void CheckAbsence(long nowMs, Rule cause, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        var rule = rules.Of(cause);
        var limitMs = rules.Absence.LimitMs(_intervalMs) + rule.Hold.TotalMilliseconds;
        if (!IsAbsent(nowMs, rules) || nowMs - _appendMs < limitMs)
        {
            return;
        }

        // The opening time follows from the log alone, not from when somebody looked; the hold is over by then.
        var now = new Judgement(_timeMs + (long)limitMs, nowMs, rules, transitions);
        if (
            StateOf(
                _conditions[cause.Index]
                    .Step(true, now.TimeMs, rule with { Hold = TimeSpan.Zero }, rules.Of(RuleCatalog.Flapping), inBootGrace: false)
            ) is
            { } state
        )
        {
            var seconds = (nowMs - _appendMs) / 1000.0;
            var what =
                cause == RuleCatalog.GpuLost ? "; its host still reports: it may have fallen off the bus"
                : cause == RuleCatalog.HostAbsent ? "; no GPU of its host is heard of"
                : cause == RuleCatalog.ExporterDown ? "; its exporter can't be scraped"
                : "";
            Add(
                now,
                cause,
                state,
                seconds,
                limitMs / 1000,
                FormattableString.Invariant($"No sample for {seconds:0.#} s from {Where()}{Usual()}{what}")
            );
        }
    }

    /// <summary>
    /// Takes over what was published of this GPU after its state was kept. What the samples say is judged again by a replay; a verdict that
    /// came from outside (of absence, of the neighbours) is not, and what nobody remembered nobody would resolve. In the order of
    /// publication; others than verdicts are passed over.
    /// </summary>
    /// <param name="published">A transition of the alert topic.</param>
    public void Recall(AlertTransition published)
    {
        ArgumentNullException.ThrowIfNull(published);
        if (published.Gpu == _gpu && RuleCatalog.Find(published.Rule) is { IsReportedFromOutside: true } kind)
        {
            _conditions[kind.Index].Tracker = AlertTracker.Recalled(
                published.OpenedAtMs,
                published.Seq,
                published.State == AlertState.Firing
            );
        }
    }

    private void JudgeSpeaking(in Judgement now)
    {
        _exporterDown = false;
        foreach (var kind in RuleCatalog.Absence)
        {
            // In a replay: a sample from before the absence does not end it.
            if (_conditions[kind.Index].Tracker is { IsFiring: true } open && now.TimeMs < open.OpenedAtMs)
            {
                continue;
            }

            if (Turn(now, kind, false) is { } state)
            {
                Add(now, kind, state, 0, double.NaN, "");
            }
        }
    }

    private void JudgeTelemetry(in Judgement now)
    {
        // The energy counter of a powered GPU never stands still; a hung driver's exporter serves its last values for ever, with HTTP 200.
        if (
            _increases[Metric.EnergyConsumption] is var energy
            && !double.IsNaN(energy)
            && Turn(now, RuleCatalog.TelemetryFrozen, energy == 0 && !(Value(Metric.PowerUsage) <= 0)) is { } frozen
        )
        {
            Add(
                now,
                RuleCatalog.TelemetryFrozen,
                frozen,
                Value(Metric.EnergyConsumption),
                double.NaN,
                $"The energy counter stands still while samples come from {Where()}: the driver hangs, or the exporter serves old values"
            );
        }

        var missing = 0;
        foreach (var metric in Required)
        {
            missing += double.IsNaN(_values[(int)metric.Metric]) ? 1 : 0;
        }

        if (Turn(now, RuleCatalog.FieldMissing, missing > 0) is { } state)
        {
            var names = string.Join(", ", Required.Where(m => double.IsNaN(_values[(int)m.Metric])).Select(m => m.Name));
            Add(
                now,
                RuleCatalog.FieldMissing,
                state,
                missing,
                0,
                $"No {names} from {Where()}: alerts on them can't work; enable them in the exporter's counters file"
            );
        }
    }

    private string Usual() =>
        double.IsNaN(_intervalMs) ? "" : FormattableString.Invariant($"; one every {_intervalMs / 1000:0.#} s is usual");
}
