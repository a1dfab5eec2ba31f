using GpuActors.Core.Alerts;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Gpus;

// XIDs from three sources that each lie in their own way; the ledger counts an occurrence once, the policy says what it means.
public sealed partial class GpuState
{
    private readonly SortedDictionary<int, int> _windowedCounts = [];
    private Watermarks _seenLogs;

    /// <summary>Applies a line of the kernel's log, and appends the transitions it causes.</summary>
    /// <param name="line">The line.</param>
    /// <param name="partition">Partition of <c>gpu-logs</c> that it came from.</param>
    /// <param name="offset">Its offset there.</param>
    /// <param name="appendTimeMs">When Kafka appended it, Unix milliseconds.</param>
    /// <param name="rules">Rules in force.</param>
    /// <param name="transitions">Takes the transitions.</param>
    /// <returns>False when the line's offset had been seen: a replay changes nothing.</returns>
    public bool Apply(
        KernelLogEvent line,
        int partition,
        long offset,
        long appendTimeMs,
        RuleSettings rules,
        List<AlertTransition> transitions
    )
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        if (!_seenLogs.Advance(partition, offset))
        {
            return false;
        }

        if (_samples == 0)
        {
            _info = _info with { Host = line.Host, PciBusId = line.PciBusId };
        }

        if (line.Kind == KernelLogKind.ExporterDown)
        {
            _exporterDown |= line.TimeMs >= _timeMs;
            return true;
        }

        var now = new Judgement(line.TimeMs, appendTimeMs, rules, transitions);
        if (line.Kind == KernelLogKind.SXid)
        {
            Code(
                now,
                RuleCatalog.Sxid,
                line.Code,
                occurred: true,
                rules.Of(RuleCatalog.Sxid).ClearDelay,
                rules.Of(RuleCatalog.Sxid).Severity,
                rules.Of(RuleCatalog.Sxid).Action,
                $"NVSwitch error {Text(line.Code)} ({line.Message}) on {Where()}"
            );
        }
        else
        {
            Observe(now, line.Code, 1, XidSource.KernelLog);
        }

        return true;
    }

    private void JudgeXids(in Judgement now, GpuSample sample)
    {
        var gauge = Value(Metric.XidErrors);
        var setBack = gauge == 0 && _xid > 0;
        if (!double.IsNaN(gauge))
        {
            // The gauge holds the last code until the driver or the exporter restarts, so what it shows first may be weeks old: a baseline.
            if (!double.IsNaN(_xid) && gauge != _xid && gauge != 0)
            {
                Observe(now, (int)gauge, 1, XidSource.Gauge);
            }

            _xid = gauge;
        }

        if (!sample.XidCounts.IsEmpty || _windowedCounts.Count > 0)
        {
            TakeWindowedCounts(now, sample.XidCounts);
        }

        if (_codes.Count > 0)
        {
            AgeXids(now, setBack);
        }
    }

    // A count that rises, or appears, is new. On a GPU's first sample it may be minutes old, and somebody else's news: a baseline.
    private void TakeWindowedCounts(in Judgement now, ReadOnlySpan<XidCount> counts)
    {
        foreach (var gone in _windowedCounts.Keys.Except(counts.ToArray().Select(c => c.Code)).ToArray())
        {
            _ = _windowedCounts.Remove(gone);
        }

        foreach (var (code, count) in counts)
        {
            var more = count - _windowedCounts.GetValueOrDefault(code);
            _windowedCounts[code] = count;
            if (more > 0 && _samples > 1)
            {
                Observe(now, code, more, XidSource.WindowedCount);
            }
        }
    }

    private void Observe(in Judgement now, int code, int occurrences, XidSource source)
    {
        var rules = now.Rules;
        if (_ledger.Observe(code, occurrences, source, now.TimeMs, (long)rules.Of(RuleCatalog.Xid).SameOccurrence.TotalMilliseconds) == 0)
        {
            return;
        }

        var entry = rules.XidPolicy.For(code);
        if (entry.Severity is { } severity)
        {
            Code(
                now,
                RuleCatalog.Xid,
                code,
                occurred: true,
                rules.Of(RuleCatalog.Xid).QuietTime,
                severity,
                entry.Action,
                $"XID {Text(code)} ({entry.Summary}) on {Where()}"
            );
        }

        if (entry.Ends != 0)
        {
            End(now, RuleCatalog.Xid, entry.Ends);
        }

        if (Repeats(rules, entry) is { } kind)
        {
            var rule = rules.Of(kind);
            var bursts = _ledger.Burst(code, now.TimeMs, (long)rule.BurstGap.TotalMilliseconds, (long)rule.Window.TotalMilliseconds);
            if (bursts >= rule.Bursts)
            {
                Code(
                    now,
                    kind,
                    code,
                    occurred: true,
                    rule.ClearDelay,
                    rule.Severity,
                    rule.Action,
                    FormattableString.Invariant(
                        $"XID {code} ({entry.Summary}) in {bursts} bursts within {rule.Window.TotalHours:0.#} hours on {Where()}"
                    )
                );
            }
        }
    }

    // Application errors come again and again without any fault of the hardware; errors of no consequence don't count.
    private static Rule<XidRepeatRuleSettings>? Repeats(RuleSettings rules, XidEntry entry) =>
        entry.Application ? (rules.Of(RuleCatalog.XidApplication).Enabled ? RuleCatalog.XidApplication : null)
        : entry.Severity is not null && rules.Of(RuleCatalog.XidRepeated).Enabled ? RuleCatalog.XidRepeated
        : null;

    private void AgeXids(in Judgement now, bool setBack)
    {
        foreach (var (kind, code) in _codes.Keys.ToArray())
        {
            if (kind == RuleCatalog.Sxid)
            {
                Code(
                    now,
                    kind,
                    code,
                    occurred: false,
                    now.Rules.Of(RuleCatalog.Sxid).ClearDelay,
                    now.Rules.Of(RuleCatalog.Sxid).Severity,
                    now.Rules.Of(RuleCatalog.Sxid).Action,
                    ""
                );
            }
            else if (kind == RuleCatalog.Xid)
            {
                AgeXid(now, code, setBack);
            }
        }
    }

    // An exporter's restart sets the gauge back too: where the energy counter shows driver reloads, only such a one is evidence of repair.
    private void AgeXid(in Judgement now, int code, bool setBack)
    {
        var entry = now.Rules.XidPolicy.For(code);
        var repaired = _increases.DriverReloaded || (setBack && (!entry.StaysOpen || double.IsNaN(Value(Metric.EnergyConsumption))));
        if (repaired)
        {
            End(now, RuleCatalog.Xid, code);
        }
        else
        {
            var quiet = entry.StaysOpen ? TimeSpan.MaxValue : now.Rules.Of(RuleCatalog.Xid).QuietTime;
            Code(
                now,
                RuleCatalog.Xid,
                code,
                occurred: false,
                quiet,
                entry.Severity ?? now.Rules.Of(RuleCatalog.Xid).Severity,
                entry.Action,
                ""
            );
        }
    }

    private void JudgeXidBursts(in Judgement now)
    {
        if (_codes.Count == 0)
        {
            return;
        }

        foreach (var (kind, code) in _codes.Keys.ToArray())
        {
            if (kind is Rule<XidRepeatRuleSettings> repeated)
            {
                var rule = now.Rules.Of(repeated);
                var still = _ledger.BurstsSince(code, now.TimeMs - (long)rule.Window.TotalMilliseconds) >= rule.Bursts;
                Code(now, kind, code, still, rule.ClearDelay, rule.Severity, rule.Action, "");
            }
        }
    }

    private void End(in Judgement now, Rule kind, int code)
    {
        if (_codes.ContainsKey(new(kind, code)))
        {
            Code(
                now,
                kind,
                code,
                occurred: false,
                TimeSpan.Zero,
                now.Rules.XidPolicy.For(code).Severity ?? now.Rules.Of(kind).Severity,
                now.Rules.XidPolicy.For(code).Action,
                ""
            );
        }
    }

    // One step of the alert of one code.
    private void Code(
        in Judgement now,
        Rule kind,
        int code,
        bool occurred,
        TimeSpan clearDelay,
        AlertSeverity severity,
        string action,
        string summary
    )
    {
        var rule = now.Rules.Of(kind);
        var tracker = _codes.GetValueOrDefault(new(kind, code));
        if (!rule.Enabled && tracker.IsInactive)
        {
            return;
        }

        if (StateOf(tracker.Step(occurred && rule.Enabled, now.TimeMs, TimeSpan.Zero, clearDelay)) is { } state)
        {
            var text = state == AlertState.Firing ? summary : $"{kind.Title} {Text(code)}: over on {Where()}";
            now.Transitions.Add(Transition(tracker, state, rule, kind.Id, Text(code), now, severity, action, text, code, double.NaN));
        }

        if (tracker.IsInactive)
        {
            _ = _codes.Remove(new(kind, code));
        }
        else
        {
            _codes[new(kind, code)] = tracker;
        }
    }
}
