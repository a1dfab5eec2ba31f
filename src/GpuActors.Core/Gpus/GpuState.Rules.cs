using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Hosts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Gpus;

// How rules judge, each on the newest sample. A missing metric counts neither for nor against: the rule waits.
public sealed partial class GpuState
{
    private const long MinuteMs = 60_000,
        HourMs = 3_600_000;

    private void Judge(in Judgement now, GpuSample sample, long elapsedMs)
    {
        JudgeSpeaking(now);
        JudgeThrottling(now);
        JudgeTemperatures(now);
        JudgeErrorCounters(now);
        JudgeMemoryRepair(now);
        JudgeXids(now, sample);
        JudgeLinks(now, elapsedMs);
        JudgeRecoveryAction(now);
        JudgeTelemetry(now);
        if (now.TimeMs / MinuteMs is var minute && minute != _minute)
        {
            // What looks back over minutes, hours and days needs no more than a look a minute, or an hour.
            JudgeMinute(now, isNewHour: now.TimeMs / HourMs != _minute / 60);
            // The first one says only that the GPU is there.
            Report =
                _info.Host.Length == 0
                    ? null
                    : new HostReport(
                        _info.Host,
                        _gpu,
                        _minute == 0 ? minute : _minute,
                        _minute == 0 ? double.NaN : _links.BytesPerSecond,
                        _links.TensorActive
                    );
            _links = default;
            _minute = minute;
        }

        _links.Add(Value(Metric.NvlinkTxBytes) + Value(Metric.NvlinkRxBytes), Value(Metric.TensorActive));
    }

    private void JudgeMinute(in Judgement now, bool isNewHour)
    {
        JudgePowerLimit(now);
        JudgeXidBursts(now);
        if (isNewHour)
        {
            JudgeTrends(now);
        }
    }

    private double Value(Metric metric) => _values[(int)metric];

    private bool IsFiring(Rule kind) => _conditions[kind.Index].Tracker.IsFiring;

    // The new state of an alert that this judgement opened or closed; null, nearly always, when nothing changed.
    private AlertState? Turn(in Judgement now, Rule kind, bool holds)
    {
        ref var condition = ref _conditions[kind.Index];
        return !holds && condition.IsQuiet ? null : Step(now, kind, holds, ref condition);
    }

    private AlertState? Step(in Judgement now, Rule kind, bool holds, ref Condition condition)
    {
        var rule = now.Rules.Of(kind);
        var booting = rule.BootGrace > TimeSpan.Zero && now.TimeMs - _bootMs < (long)rule.BootGrace.TotalMilliseconds;
        return StateOf(condition.Step(holds, now.TimeMs, rule, now.Rules.Of(RuleCatalog.Flapping), booting));
    }

    private static AlertState? StateOf(AlertTracker.Change change) =>
        change switch
        {
            AlertTracker.Change.Fired => AlertState.Firing,
            AlertTracker.Change.Resolved => AlertState.Resolved,
            _ => null,
        };

    private void Add(
        in Judgement now,
        Rule kind,
        AlertState state,
        double value,
        double threshold,
        string summary,
        AlertSeverity? severity = null,
        string? action = null
    )
    {
        var rule = now.Rules.Of(kind);
        ref var condition = ref _conditions[kind.Index];
        var text = state == AlertState.Firing ? summary : $"{kind.Title}: over on {Where()}";
        now.Transitions.Add(
            Transition(
                condition.Tracker,
                state,
                rule,
                kind.Id,
                "",
                now,
                severity ?? rule.Severity,
                action ?? rule.Action,
                text,
                value,
                threshold
            )
        );
        if (state == AlertState.Firing ? condition.Opened(now.TimeMs, now.Rules.Of(RuleCatalog.Flapping)) : condition.FlapsSinceMs != 0)
        {
            AddFlapping(now, kind, state, ref condition);
        }
    }

    private void AddFlapping(in Judgement now, Rule kind, AlertState state, ref Condition condition)
    {
        var rule = now.Rules.Of(RuleCatalog.Flapping);
        var id = kind.Id;
        var tracker = AlertTracker.Opened(condition.FlapsSinceMs, state == AlertState.Firing ? 1 : 2);
        var summary =
            state == AlertState.Firing
                ? FormattableString.Invariant(
                    $"{id} opened {rule.Openings} times within {rule.Window.TotalMinutes:0.#} minutes on {Where()}: it stays open until it has been over for {rule.Stable.TotalMinutes:0.#} minutes"
                )
                : $"{id} has settled on {Where()}";
        now.Transitions.Add(
            Transition(
                tracker,
                state,
                rule,
                RuleCatalog.Flapping.Id,
                id,
                now,
                rule.Severity,
                rule.Action,
                summary,
                rule.Openings,
                rule.Openings
            )
        );
        if (state == AlertState.Resolved)
        {
            condition.Settled();
        }
    }

    private AlertTransition Transition(
        in AlertTracker tracker,
        AlertState state,
        AlertRuleSettings rule,
        string id,
        string discriminator,
        in Judgement now,
        AlertSeverity severity,
        string action,
        string summary,
        double value,
        double threshold
    ) =>
        new()
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
            Labels =
                discriminator.Length == 0
                    ? null
                    : new Dictionary<string, string> { [RuleCatalog.Find(id)!.DiscriminatorLabel!] = discriminator },
        };

    private IEnumerable<OpenAlert> OpenAlerts(RuleSettings rules)
    {
        foreach (var kind in RuleCatalog.All)
        {
            var condition = _conditions[kind.Index];
            if (condition.Tracker.IsFiring)
            {
                yield return Open(kind, "", condition.Tracker.OpenedAtMs, rules.Of(kind).Severity);
            }

            if (condition.FlapsSinceMs != 0)
            {
                yield return Open(RuleCatalog.Flapping, kind.Id, condition.FlapsSinceMs, rules.Of(RuleCatalog.Flapping).Severity);
            }
        }

        foreach (var ((kind, code), tracker) in _codes)
        {
            if (tracker.IsFiring)
            {
                var severity =
                    kind == RuleCatalog.Xid
                        ? rules.XidPolicy.For(code).Severity ?? rules.Of(RuleCatalog.Xid).Severity
                        : rules.Of(kind).Severity;
                yield return Open(kind, Text(code), tracker.OpenedAtMs, severity);
            }
        }
    }

    private OpenAlert Open(Rule kind, string discriminator, long openedAtMs, AlertSeverity severity) =>
        new(AlertIds.Of(_gpu, kind.Id, discriminator, openedAtMs), kind.Id, severity, openedAtMs);

    private static string Text(int code) => code.ToString(CultureInfo.InvariantCulture);

    private string Where() =>
        _info.Host.Length == 0 ? _gpu.Value
        : _info.Index < 0 ? _info.Host
        : string.Create(CultureInfo.InvariantCulture, $"{_info.Host} GPU {_info.Index}");
}
