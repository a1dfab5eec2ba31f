using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>The alerts of the rules that have one alert per code: XIDs and SXids.</summary>
internal sealed class CodeAlerts
{
    // Sorted, so that a restarted GPU adds transitions in the same order as one that was not restarted.
    private readonly SortedDictionary<CodeKey, AlertTracker> _trackers = [];

    public bool IsEmpty => _trackers.Count == 0;

    /// <summary>The alerts that are open or pending. A copy: they may be changed meanwhile.</summary>
    public CodeKey[] Keys => [.. _trackers.Keys];

    public bool Has(Rule rule, int code) => _trackers.ContainsKey(new(rule, code));

    public bool Any(Rule rule) => _trackers.Keys.Any(key => key.Rule == rule);

    /// <summary>Takes over an open alert as it was published.</summary>
    public void Recall(Rule rule, int code, AlertTransition open) =>
        _trackers[new(rule, code)] = AlertTracker.Recalled(open.OpenedAtMs, open.Seq, isFiring: true);

    /// <summary>Moves the alert of one code on.</summary>
    /// <param name="now">The evaluation.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="code">The code.</param>
    /// <param name="occurred">Whether the code has come now.</param>
    /// <param name="clearDelay">How long the code must not have come before the alert resolves.</param>
    /// <param name="severity">Severity of a transition.</param>
    /// <param name="action">Recommended action of a transition.</param>
    /// <param name="summary">Summary of an alert that opens.</param>
    public void Step(
        in Evaluation now,
        Rule rule,
        int code,
        bool occurred,
        TimeSpan clearDelay,
        AlertSeverity severity,
        string action,
        string summary
    )
    {
        var enabled = now.Rules.Of(rule).Enabled;
        var tracker = _trackers.GetValueOrDefault(new(rule, code));
        if (!enabled && tracker.IsInactive)
        {
            return;
        }

        if (GpuAlerts.StateOf(tracker.Step(occurred && enabled, now.TimeMs, TimeSpan.Zero, clearDelay)) is { } state)
        {
            now.Transitions.Add(
                GpuAlerts.Transition(now, rule, Text(code), tracker, state) with
                {
                    Severity = severity,
                    Action = action,
                    Summary = state == AlertState.Firing ? summary : $"{rule.Title} {Text(code)}: over on {now.Where}",
                    Value = code,
                }
            );
        }

        if (tracker.IsInactive)
        {
            _ = _trackers.Remove(new(rule, code));
        }
        else
        {
            _trackers[new(rule, code)] = tracker;
        }
    }

    public IEnumerable<OpenAlert> OpenAlerts(GpuReadings gpu, RuleSettings rules)
    {
        foreach (var ((rule, code), tracker) in _trackers)
        {
            if (tracker.IsFiring)
            {
                var policy = rule == RuleCatalog.Xid ? rules.XidPolicy.For(code).Severity : null;
                yield return GpuAlerts.Open(gpu, rule, Text(code), tracker.OpenedAtMs, policy ?? rules.Of(rule).Severity);
            }
        }
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_trackers.Count);
        foreach (var ((rule, code), tracker) in _trackers)
        {
            writer.Write(rule.Id);
            writer.Write7BitEncodedInt(code);
            tracker.Save(writer);
        }
    }

    public void Load(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var rule = RuleCatalog.Find(reader.ReadString());
            var code = reader.Read7BitEncodedInt();
            var tracker = AlertTracker.Load(reader);
            if (rule is not null)
            {
                _trackers[new(rule, code)] = tracker;
            }
        }
    }

    private static string Text(int code) => code.ToString(CultureInfo.InvariantCulture);
}
