using System.Globalization;
using System.Numerics;
using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

// The rules, each on the newest sample. A missing metric counts neither for nor against: the rule waits.
public sealed partial class GpuState
{
    private void Judge(in Judgement now, RuleSettings rules)
    {
        JudgeSpeaking(now, rules.GpuSilent);
        if (_values[(int)Metric.ThrottleReasons] is var mask && !double.IsNaN(mask))
        {
            var bits = (int)mask;
            _maskSamples = Math.Min(_maskSamples + 1, 64);
            JudgeBit(now, rules.HwThermal, RuleIds.HwThermal, ref _hwThermal, ref _thermalBits, (bits & ThrottleBits.HwThermal) != 0, "Hardware thermal slowdown (0x40)");
            JudgeBit(now, rules.PowerBrake, RuleIds.PowerBrake, ref _powerBrake, ref _brakeBits, (bits & ThrottleBits.PowerBrake) != 0, "Power brake slowdown (0x80)");
            JudgeDuty(now, rules.SwThermal, (bits & ThrottleBits.SwThermal) != 0);
        }

        JudgeDbe(now, rules.EccDbe);
        JudgeSbe(now, rules.EccSbeRate);
        JudgeXid(now, rules);
    }

    private void JudgeBit(in Judgement now, MaskRuleSettings rule, string id, ref AlertTracker tracker, ref ulong history, bool set, string what)
    {
        history = (history << 1) | (set ? 1UL : 0);
        if (history == 0 && !tracker.IsFiring)
        {
            return; // Nearly always.
        }

        var window = rule.Of == 64 ? history : history & ((1UL << rule.Of) - 1);
        var count = BitOperations.PopCount(window);
        var holds = rule.Enabled && (tracker.IsFiring ? set : count >= rule.Required);
        if (Changed(ref tracker, holds, now, rule.Hold, rule.ClearDelay) is { } state)
        {
            Add(now, tracker, state, rule, id, count, rule.Required,
                FormattableString.Invariant($"{what} in {count} of the last {Math.Min(rule.Of, _maskSamples)} samples on {Where()}"));
        }
    }

    private void JudgeDuty(in Judgement now, DutyRuleSettings rule, bool set)
    {
        if (_swThermalWindow is null)
        {
            if (!set)
            {
                return;
            }

            _swThermalWindow = new BitWindow();
        }

        var window = _swThermalWindow;
        window.Add(now.TimeMs, set, rule.Window);
        var duty = window.Duty;
        var holds = rule.Enabled && window.Covered >= rule.MinCovered && duty >= rule.MinDuty;
        if (Changed(ref _swThermal, holds, now, TimeSpan.Zero, rule.ClearDelay) is { } state)
        {
            Add(now, _swThermal, state, rule, RuleIds.SwThermal, duty, rule.MinDuty,
                FormattableString.Invariant($"Software thermal slowdown (0x20) {duty:0%} of the last {window.Covered.TotalMinutes:0.#} minutes on {Where()}"));
        }

        if (window.Set == 0 && !_swThermal.IsFiring)
        {
            _swThermalWindow = null;
        }
    }

    // Open from the first increase until the counter is set back: only a driver reload or a new board is evidence of repair.
    private void JudgeDbe(in Judgement now, EccDbeRuleSettings rule)
    {
        var value = _values[(int)Metric.EccDbeVolatile];
        if (double.IsNaN(value))
        {
            return;
        }

        var increase = double.IsNaN(_dbeBaseline) ? 0 : value - _dbeBaseline;
        _dbeBaseline = value;
        _dbeOpen = increase switch { > 0 => true, < 0 => false, _ => _dbeOpen };
        if (Changed(ref _eccDbe, rule.Enabled && _dbeOpen, now, TimeSpan.Zero, rule.ClearDelay) is { } state)
        {
            Add(now, _eccDbe, state, rule, RuleIds.EccDbe, value, 0, increase > 0
                ? FormattableString.Invariant($"{increase:0} new double-bit ECC {(increase == 1 ? "error" : "errors")} ({value:0} since driver load) on {Where()}")
                : FormattableString.Invariant($"Double-bit ECC error counter was set back to {value:0} on {Where()}"));
        }
    }

    private void JudgeSbe(in Judgement now, EccSbeRuleSettings rule)
    {
        if (double.IsNaN(_values[(int)Metric.EccSbeVolatile]) || (_sbeBaseline == 0 && !_eccSbe.IsFiring))
        {
            return;
        }

        var errors = _windows.LastMinutes(Metric.EccSbeVolatile, 60, now.TimeMs).Sum;
        if (Changed(ref _eccSbe, rule.Enabled && errors > rule.MaxPerHour, now, TimeSpan.Zero, rule.ClearDelay) is { } state)
        {
            Add(now, _eccSbe, state, rule, RuleIds.EccSbeRate, errors, rule.MaxPerHour, FormattableString.Invariant($"{errors:0} single-bit ECC errors within an hour on {Where()}"));
        }
    }

    // The gauge holds the last code until the driver or the exporter restarts, so what it shows first may be weeks old: a baseline.
    private void JudgeXid(in Judgement now, RuleSettings rules)
    {
        var code = _values[(int)Metric.XidErrors];
        if (double.IsNaN(code) || (code.Equals(_xid) && _xids.Count == 0))
        {
            return;
        }

        var isNew = !double.IsNaN(_xid) && code != _xid && code != 0;
        _xid = code;
        if (isNew && rules.Xid.Enabled && rules.XidPolicy.For((int)code).Severity is not null)
        {
            _xids.TryAdd((int)code, default);
        }

        foreach (var open in _xids.Keys.ToArray())
        {
            StepXid(now, rules, open, occurred: isNew && open == (int)code, setBack: code == 0);
        }
    }

    private void StepXid(in Judgement now, RuleSettings rules, int code, bool occurred, bool setBack)
    {
        var tracker = _xids[code];
        var entry = rules.XidPolicy.For(code);
        var severity = entry.Severity ?? rules.Xid.Severity;
        var change = occurred && !tracker.IsFiring
            ? tracker.Step(true, now.TimeMs, TimeSpan.Zero, TimeSpan.Zero)
            : tracker.Step(occurred, now.TimeMs, TimeSpan.Zero, setBack ? TimeSpan.Zero : rules.Xid.QuietTime);
        _xids[code] = tracker;
        if (change == AlertTracker.Change.None)
        {
            return;
        }

        var fired = change == AlertTracker.Change.Fired;
        var text = code.ToString(CultureInfo.InvariantCulture);
        now.Transitions.Add(Transition(tracker, fired ? AlertState.Firing : AlertState.Resolved, rules.Xid, RuleIds.Xid, text, now, severity, entry.Action,
            fired ? $"XID {text} ({entry.Summary}) on {Where()}" : $"XID {text} is over on {Where()}", code, double.NaN));
        if (!fired)
        {
            _xids.Remove(code);
        }
    }

    private void JudgeSpeaking(in Judgement now, SilenceRuleSettings rule)
    {
        if (_silent.IsFiring && Changed(ref _silent, false, now, TimeSpan.Zero, TimeSpan.Zero) is { } state)
        {
            Add(now, _silent, state, rule, RuleIds.GpuSilent, 0, double.NaN, $"Samples come again from {Where()}");
        }
    }

    // The new state of an alert that this judgement opened or closed; null, nearly always, when nothing changed.
    private static AlertState? Changed(ref AlertTracker tracker, bool holds, in Judgement now, TimeSpan hold, TimeSpan clearDelay) =>
        tracker.Step(holds, now.TimeMs, hold, clearDelay) switch
        {
            AlertTracker.Change.Fired => AlertState.Firing,
            AlertTracker.Change.Resolved => AlertState.Resolved,
            _ => null,
        };

    private void Add(in Judgement now, in AlertTracker tracker, AlertState state, AlertRuleSettings rule, string id, double value, double threshold, string summary) =>
        now.Transitions.Add(Transition(tracker, state, rule, id, "", now, rule.Severity, rule.Action, summary, value, threshold));

    private AlertTransition Transition(in AlertTracker tracker, AlertState state, AlertRuleSettings rule, string id, string discriminator, in Judgement now,
        AlertSeverity severity, string action, string summary, double value, double threshold) => new()
        {
            AlertId = AlertIds.Of(_gpu, id, discriminator, tracker.OpenedAtMs),
            Seq = tracker.Seq,
            State = state,
            Severity = severity,
            Rule = id,
            Gpu = _gpu,
            Summary = summary,
            Value = value,
            Threshold = threshold,
            OpenedAtMs = tracker.OpenedAtMs,
            SourceTimeMs = now.TimeMs,
            IngestedAtMs = now.AppendMs,
            Action = action,
            Runbook = rule.Runbook,
            Info = _info,
            Labels = discriminator.Length == 0 ? null : new Dictionary<string, string> { [id] = discriminator },
        };

    private IEnumerable<OpenAlert> OpenAlerts(RuleSettings rules)
    {
        (AlertTracker Tracker, string Rule, AlertSeverity Severity)[] slots =
        [
            (_hwThermal, RuleIds.HwThermal, rules.HwThermal.Severity), (_powerBrake, RuleIds.PowerBrake, rules.PowerBrake.Severity),
            (_swThermal, RuleIds.SwThermal, rules.SwThermal.Severity), (_eccDbe, RuleIds.EccDbe, rules.EccDbe.Severity),
            (_eccSbe, RuleIds.EccSbeRate, rules.EccSbeRate.Severity), (_silent, RuleIds.GpuSilent, rules.GpuSilent.Severity),
        ];
        return slots.Where(s => s.Tracker.IsFiring).Select(s => new OpenAlert(AlertIds.Of(_gpu, s.Rule, "", s.Tracker.OpenedAtMs), s.Rule, s.Severity, s.Tracker.OpenedAtMs))
            .Concat(_xids.Where(x => x.Value.IsFiring).Select(x => new OpenAlert(
                AlertIds.Of(_gpu, RuleIds.Xid, x.Key.ToString(CultureInfo.InvariantCulture), x.Value.OpenedAtMs), RuleIds.Xid,
                rules.XidPolicy.For(x.Key).Severity ?? rules.Xid.Severity, x.Value.OpenedAtMs)));
    }

    private string Where() => _info.Host.Length == 0 ? _gpu.Value : _info.Index < 0 ? _info.Host : string.Create(CultureInfo.InvariantCulture, $"{_info.Host} GPU {_info.Index}");
}
