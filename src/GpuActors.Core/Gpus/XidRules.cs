using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Features;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Windows;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Gpus;

/// <summary>
/// Rules on what the driver reports: XIDs, NVSwitch errors (SXids) and the recovery action it asks for. XIDs come from three sources, none
/// of them complete: the ledger counts each occurrence once, the XID policy says what it means.
/// </summary>
internal sealed class XidRules
{
    private const int RecoveryActionChanged = 154;

    private static readonly Rule[] CausesOfRecovery =
    [
        RuleCatalog.RowRemapPending,
        RuleCatalog.RowRemapFailure,
        RuleCatalog.EccDbe,
        RuleCatalog.SramThreshold,
    ];

    private readonly CodeAlerts _alerts = new();
    private readonly SortedDictionary<int, int> _windowedCounts = []; // The exporter's counts over its sliding window, by code.
    private double _gauge = double.NaN; // Last value of the gauge; NaN before the first.
    private double _recoveryAction = double.NaN; // What an XID 154 of the kernel log has said since the last reload; NaN for nothing.

    /// <summary>The XIDs seen so far.</summary>
    public XidLedger Ledger { get; } = new();

    public void Evaluate(in Evaluation now, ReadOnlySpan<XidCount> windowedCounts)
    {
        // What was reported before a reload is repaired by it, and what comes after is not: the reload comes first.
        if (now.Gpu.Increases.DriverReloaded)
        {
            EndBefore(now, now.Gpu.ReloadMs);
            _recoveryAction = double.IsNaN(_recoveryAction) ? double.NaN : 0;
        }

        var gauge = now.Value(Metric.XidErrors);
        var setBack = gauge == 0 && _gauge > 0;
        if (!double.IsNaN(gauge))
        {
            // The gauge keeps the last code until the driver or the exporter restarts: in the first sample of a GPU it may be weeks old and
            // is a baseline. Many exporters leave the gauge out until the first XID: on a known GPU its appearance is an event.
            if (gauge != _gauge && gauge != 0 && !(double.IsNaN(_gauge) && now.Gpu.Samples == 1))
            {
                Observe(now, (int)gauge, 1, XidSource.Gauge, default);
            }

            _gauge = gauge;
        }

        if (!windowedCounts.IsEmpty || _windowedCounts.Count > 0)
        {
            TakeWindowedCounts(now, windowedCounts);
        }

        if (!_alerts.IsEmpty)
        {
            Age(now, setBack);
        }

        if (now.Value(Metric.GpuRecoveryAction) is var field && !double.IsNaN(field))
        {
            _recoveryAction = double.NaN;
            EvaluateRecoveryAction(now, field);
        }
        else if (!double.IsNaN(_recoveryAction))
        {
            EvaluateRecoveryAction(now, _recoveryAction);
        }
    }

    /// <summary>Evaluates a line of the kernel log about an XID or an SXid.</summary>
    public void Evaluate(in Evaluation now, KernelLogEvent line)
    {
        var text = DriverText.Of(line);
        if (line.Kind == KernelLogKind.SXid)
        {
            var summary = FormattableString.Invariant($"NVSwitch error {line.Code} ({text.Detail}) on {now.Where}");
            StepByRule(now, RuleCatalog.Sxid, line.Code, occurred: true, summary, text);
            return;
        }

        Observe(now, line.Code, line.Count, XidSource.KernelLog, text);
        if (line.Code == RecoveryActionChanged && DriverText.RecoveryAction(line.Message) is { } action)
        {
            // The driver says it once: its line counts for as many samples as the rule requires.
            _recoveryAction = action;
            for (var sample = 0; sample < now.Rules.Of(RuleCatalog.RecoveryAction).Required; sample++)
            {
                EvaluateRecoveryAction(now, action);
            }
        }
    }

    /// <summary>Evaluates which XIDs still recur; once a minute is enough.</summary>
    public void EvaluateMinute(in Evaluation now)
    {
        if (_alerts.IsEmpty)
        {
            return;
        }

        foreach (var key in _alerts.Keys)
        {
            if (key.Rule is Rule<XidRepeatRuleSettings> rule)
            {
                var settings = now.Rules.Of(rule);
                var bursts = Ledger.BurstsSince(key.Code, now.TimeMs - (long)settings.Window.TotalMilliseconds);
                StepByRule(now, rule, key.Code, bursts >= settings.Bursts, "");
            }
        }
    }

    /// <summary>Takes over an open alert of a code as it was published.</summary>
    public void Recall(Rule rule, AlertTransition open)
    {
        if (int.TryParse(open.Labels[AlertLabelNames.Xid], NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            _alerts.Recall(rule, code, open);
            if (rule == RuleCatalog.Xid)
            {
                Ledger.Recall(code, open.OpenedAtMs);
            }
        }
    }

    /// <summary>Closes all open alerts: the GPU is retired.</summary>
    public void Retire(in Evaluation now) => _alerts.Retire(now);

    public IEnumerable<OpenAlert> OpenAlerts(GpuReadings gpu, RuleSettings rules) => _alerts.OpenAlerts(gpu, rules);

    public void Save(BinaryWriter writer)
    {
        writer.Write(_gauge);
        writer.Write(_recoveryAction);
        writer.Write7BitEncodedInt(_windowedCounts.Count);
        foreach (var (code, count) in _windowedCounts)
        {
            writer.Write7BitEncodedInt(code);
            writer.Write7BitEncodedInt(count);
        }

        Ledger.Save(writer);
        _alerts.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        _gauge = reader.ReadDouble();
        _recoveryAction = reader.ReadDouble();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var code = reader.Read7BitEncodedInt();
            _windowedCounts[code] = reader.Read7BitEncodedInt();
        }

        Ledger.Load(reader);
        _alerts.Load(reader);
    }

    // A count that appears or rises is new, except in the first sample of a GPU: it may be minutes old and is a baseline.
    private void TakeWindowedCounts(in Evaluation now, ReadOnlySpan<XidCount> counts)
    {
        foreach (var gone in _windowedCounts.Keys.Except(counts.ToArray().Select(count => count.Code)).ToArray())
        {
            _ = _windowedCounts.Remove(gone);
        }

        foreach (var (code, count) in counts)
        {
            var more = count - _windowedCounts.GetValueOrDefault(code);
            _windowedCounts[code] = count;
            if (more > 0 && now.Gpu.Samples > 1)
            {
                Observe(now, code, more, XidSource.WindowedCount, default);
            }
        }
    }

    private void Observe(in Evaluation now, int code, int occurrences, XidSource source, DriverText text)
    {
        var xid = now.Rules.Of(RuleCatalog.Xid);
        var added = Ledger.Observe(code, occurrences, source, now.TimeMs, (long)xid.SameOccurrence.TotalMilliseconds);
        if (added == 0)
        {
            return;
        }

        now.Windows.Tally(HourTally.MemoryXids + (int)XidClasses.Of(code), now.TimeMs, added);
        var entry = now.Rules.XidPolicy.For(code);
        if (entry.Severity is not null)
        {
            var said = string.IsNullOrEmpty(text.Detail) ? "" : $": {text.Detail}";
            var summary = FormattableString.Invariant($"XID {code} ({entry.Summary}) on {now.Where}{said}");
            StepXid(now, code, occurred: true, xid.QuietTime, summary, text);
        }

        if (entry.Ends != 0)
        {
            End(now, entry.Ends);
        }

        if (RepeatRule(now.Rules, entry) is { } rule)
        {
            CountBurst(now, rule, code, entry);
        }
    }

    // Application errors recur without any fault of the hardware and have a rule of their own; errors that raise no alert are not counted.
    private static Rule<XidRepeatRuleSettings>? RepeatRule(RuleSettings rules, XidEntry entry)
    {
        var rule =
            entry.Application ? RuleCatalog.XidApplication
            : entry.Severity is not null ? RuleCatalog.XidRepeated
            : null;
        return rule is not null && rules.Of(rule).Enabled ? rule : null;
    }

    private void CountBurst(in Evaluation now, Rule<XidRepeatRuleSettings> rule, int code, XidEntry entry)
    {
        var settings = now.Rules.Of(rule);
        var bursts = Ledger.Burst(code, now.TimeMs, (long)settings.BurstGap.TotalMilliseconds, (long)settings.Window.TotalMilliseconds);
        if (bursts >= settings.Bursts)
        {
            var hours = settings.Window.TotalHours;
            StepByRule(
                now,
                rule,
                code,
                occurred: true,
                FormattableString.Invariant($"XID {code} ({entry.Summary}) in {bursts} bursts within {hours:0.#} hours on {now.Where}")
            );
        }
    }

    // What has not come again for long enough, or is repaired, resolves.
    private void Age(in Evaluation now, bool setBack)
    {
        foreach (var (rule, code) in _alerts.Keys)
        {
            if (rule == RuleCatalog.Sxid)
            {
                StepByRule(now, rule, code, occurred: false, "");
            }
            else if (rule == RuleCatalog.Xid)
            {
                AgeXid(now, code, setBack);
            }
        }
    }

    // The gauge is set back when an exporter restarts, too. Where the energy counter shows driver reloads, only a reload is evidence of
    // repair.
    private void AgeXid(in Evaluation now, int code, bool setBack)
    {
        var entry = now.Rules.XidPolicy.For(code);
        if (setBack && (!entry.StaysOpen || double.IsNaN(now.Value(Metric.EnergyConsumption))))
        {
            End(now, code);
        }
        else
        {
            var quiet = entry.StaysOpen ? TimeSpan.MaxValue : now.Rules.Of(RuleCatalog.Xid).QuietTime;
            StepXid(now, code, occurred: false, quiet, "");
        }
    }

    private void EndBefore(in Evaluation now, long reloadMs)
    {
        foreach (var (rule, code) in _alerts.Keys)
        {
            if (rule == RuleCatalog.Xid && Ledger.LastMs(code) < reloadMs)
            {
                End(now, code);
            }
        }

        Ledger.Reloaded(reloadMs);
    }

    private void End(in Evaluation now, int code)
    {
        if (_alerts.Has(RuleCatalog.Xid, code))
        {
            StepXid(now, code, occurred: false, TimeSpan.Zero, "");
        }
    }

    private void StepXid(in Evaluation now, int code, bool occurred, TimeSpan clearDelay, string summary, DriverText said = default)
    {
        var entry = now.Rules.XidPolicy.For(code);
        var severity = entry.Severity ?? now.Rules.Of(RuleCatalog.Xid).Severity;
        _alerts.Step(now, RuleCatalog.Xid, code, occurred, clearDelay, severity, entry.Action, summary, said);
    }

    private void StepByRule(in Evaluation now, Rule rule, int code, bool occurred, string summary, DriverText said = default)
    {
        var settings = now.Rules.Of(rule);
        _alerts.Step(now, rule, code, occurred, settings.ClearDelay, settings.Severity, settings.Action, summary, said);
    }

    // NVML: 0 none, 1 GPU reset, 2 node reboot, 3 drain peer-to-peer traffic, 4 drain and reset.
    private void EvaluateRecoveryAction(in Evaluation now, double value)
    {
        var (what, action) = value switch
        {
            2 => ("a reboot of the node", RecommendedAction.RebootNode),
            3 => ("draining peer-to-peer traffic", RecommendedAction.DrainAndInspect),
            _ => ("a GPU reset", RecommendedAction.ResetGpu),
        };
        // The alert shows the driver's verdict unless an open alert asks for at least as much.
        if (now.Update(RuleCatalog.RecoveryAction, value > 0 && StrengthOfOpen(now) < StrengthOf(action)) is { } state)
        {
            now.Add(
                RuleCatalog.RecoveryAction,
                state,
                value,
                0,
                $"The driver asks for {what} ({value:0}) on {now.Where}",
                value == 3 ? AlertSeverity.Warning : null,
                action
            );
        }
    }

    // How much the open alerts ask for that name the cause of a recovery action.
    private int StrengthOfOpen(in Evaluation now)
    {
        var strength = 0;
        foreach (var rule in CausesOfRecovery)
        {
            strength = Math.Max(strength, now.IsFiring(rule) ? StrengthOf(now.Rules.Of(rule).Action) : 0);
        }

        foreach (var key in _alerts.Keys)
        {
            strength = Math.Max(strength, key.Rule == RuleCatalog.Xid ? StrengthOf(now.Rules.XidPolicy.For(key.Code).Action) : 0);
        }

        return strength;
    }

    private static int StrengthOf(string action) =>
        action switch
        {
            RecommendedAction.DrainAndInspect => 1,
            RecommendedAction.ResetGpu => 2,
            RecommendedAction.RebootNode => 3,
            RecommendedAction.ContactSupport => 4,
            _ => 0,
        };
}
