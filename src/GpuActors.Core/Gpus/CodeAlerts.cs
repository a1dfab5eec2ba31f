using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Logs;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>The alerts of the rules that have one alert per code: XIDs and SXids.</summary>
internal sealed class CodeAlerts
{
    // Sorted, so that a restarted GPU adds transitions in the same order as one that was not restarted.
    private readonly SortedDictionary<CodeKey, CodeAlert> _alerts = [];

    public bool IsEmpty => _alerts.Count == 0;

    /// <summary>The alerts that are open or pending. A copy: they may be changed meanwhile.</summary>
    public CodeKey[] Keys => [.. _alerts.Keys];

    public bool Has(Rule rule, int code) => _alerts.ContainsKey(new(rule, code));

    /// <summary>When the alert of a code opened, Unix milliseconds; far in the future when it is not open.</summary>
    public long OpenedAtMs(Rule rule, int code) =>
        _alerts.TryGetValue(new(rule, code), out var alert) && alert.Tracker.IsFiring ? alert.Tracker.OpenedAtMs : long.MaxValue / 2;

    public bool Any(Rule rule) => _alerts.Keys.Any(key => key.Rule == rule);

    /// <summary>Takes over an open alert as it was published.</summary>
    public void Recall(Rule rule, int code, AlertTransition open) =>
        _alerts[new(rule, code)] = new(AlertTracker.Recalled(open.OpenedAtMs, open.Seq, isFiring: true), open.Severity);

    /// <summary>Closes all open alerts: the GPU is retired.</summary>
    public void Retire(in Evaluation now)
    {
        foreach (var ((rule, code), (tracker, _)) in _alerts)
        {
            if (tracker.IsFiring)
            {
                var closed = tracker;
                closed.Close();
                now.Transitions.Add(
                    GpuAlerts.Transition(now, rule, Text(code), closed, AlertState.Resolved) with
                    {
                        Summary = $"{rule.Title}{Spaced(code)}: {now.Where} is retired",
                        Value = code,
                    }
                );
            }
        }

        _alerts.Clear();
    }

    /// <summary>Moves the alert of one code on.</summary>
    /// <param name="now">The evaluation.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="code">The code.</param>
    /// <param name="occurred">Whether the code has come now.</param>
    /// <param name="clearDelay">How long the code must not have come before the alert resolves.</param>
    /// <param name="severity">Severity by the rules in force.</param>
    /// <param name="action">Recommended action of a transition.</param>
    /// <param name="summary">Summary of an alert that opens or becomes worse.</param>
    /// <param name="text">
    /// What the report itself says. The codes of NVLink 5 (144 to 150) and of NVSwitches stand for fatal and for non-fatal errors. The
    /// alert keeps a higher severity, and an open alert of a lower one is published again.
    /// </param>
    public void Step(
        in Evaluation now,
        Rule rule,
        int code,
        bool occurred,
        TimeSpan clearDelay,
        AlertSeverity severity,
        string action,
        string summary,
        DriverText text = default
    )
    {
        var enabled = now.Rules.Of(rule).Enabled;
        var (tracker, known) = _alerts.GetValueOrDefault(new(rule, code));
        if (!enabled && tracker.IsInactive)
        {
            return;
        }

        var wasFiring = tracker.IsFiring;
        var state = GpuAlerts.StateOf(tracker.Step(occurred && enabled, now.TimeMs, TimeSpan.Zero, clearDelay));
        var before = known ?? severity;
        known = text.Severity > before ? text.Severity : known;
        severity = known > severity ? known.Value : severity;
        if (wasFiring && tracker.IsFiring && severity > before)
        {
            tracker.Worsen();
            state = AlertState.Firing;
        }

        if (state is { } changed)
        {
            now.Transitions.Add(
                GpuAlerts.Transition(now, rule, Text(code), tracker, changed) with
                {
                    Severity = severity,
                    Action = text.Action ?? action,
                    Summary = changed == AlertState.Firing ? summary : $"{rule.Title}{Spaced(code)}: over on {now.Where}",
                    Value = code,
                }
            );
        }

        if (tracker.IsInactive)
        {
            _ = _alerts.Remove(new(rule, code));
        }
        else
        {
            _alerts[new(rule, code)] = new(tracker, known);
        }
    }

    public IEnumerable<OpenAlert> OpenAlerts(GpuReadings gpu, RuleSettings rules)
    {
        foreach (var ((rule, code), (tracker, said)) in _alerts)
        {
            if (tracker.IsFiring)
            {
                var policy = (rule == RuleCatalog.Xid ? rules.XidPolicy.For(code).Severity : null) ?? rules.Of(rule).Severity;
                yield return GpuAlerts.Open(gpu, rule, Text(code), tracker.OpenedAtMs, said > policy ? said.Value : policy);
            }
        }
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_alerts.Count);
        foreach (var ((rule, code), (tracker, said)) in _alerts)
        {
            writer.Write(rule.Id);
            writer.Write7BitEncodedInt(code);
            tracker.Save(writer);
            writer.Write((sbyte)(said is null ? -1 : (int)said));
        }
    }

    public void Load(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var rule = RuleCatalog.Find(reader.ReadString());
            var code = reader.Read7BitEncodedInt();
            var tracker = AlertTracker.Load(reader);
            var said = AlertTracker.LoadSeverity(reader);
            if (rule is not null)
            {
                _alerts[new(rule, code)] = new(tracker, said);
            }
        }
    }

    // A rule without codes has its one alert at code 0.
    private static string Text(int code) => code == 0 ? "" : code.ToString(CultureInfo.InvariantCulture);

    private static string Spaced(int code) => code == 0 ? "" : $" {Text(code)}";

    /// <param name="Tracker">The alert.</param>
    /// <param name="Said">Severity that a report has said beyond that of the rules; null for none.</param>
    private readonly record struct CodeAlert(AlertTracker Tracker, AlertSeverity? Said);
}
