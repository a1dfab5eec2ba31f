using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The alerts of one GPU: the condition of each rule, whether its alert flaps, and the transitions. Alerts per code are in
/// <see cref="CodeAlerts"/>.
/// </summary>
internal sealed class GpuAlerts
{
    private readonly Condition[] _conditions = new Condition[RuleCatalog.Count];

    /// <summary>The condition of a rule.</summary>
    public ref Condition Of(Rule rule) => ref _conditions[rule.Index];

    /// <summary>Takes over the alert of a rule, or that it flaps, as it was published.</summary>
    public void Recall(Rule rule, AlertTransition published)
    {
        var isFiring = published.State == AlertState.Firing;
        if (rule != RuleCatalog.Flapping)
        {
            Of(rule).Tracker = AlertTracker.Recalled(published.OpenedAtMs, published.Seq, isFiring);
        }
        else if (RuleCatalog.Find(published.Labels[AlertLabelNames.FlappingRule]) is { } flapping)
        {
            Of(flapping).RecallFlapping(isFiring ? published.OpenedAtMs : 0);
        }
    }

    /// <summary>Adds the transition of an alert that opened or closed, and that of its flapping alert if there is one.</summary>
    public void Add(
        in Evaluation now,
        Rule rule,
        AlertState state,
        double value,
        double threshold,
        FormattableString summary,
        AlertSeverity? severity,
        string? action
    )
    {
        var settings = now.Rules.Of(rule);
        ref var condition = ref Of(rule);
        condition.Severity = state == AlertState.Firing ? severity : condition.Severity;
        now.Transitions.Add(
            Transition(now, rule, "", condition.Tracker, state) with
            {
                Severity = condition.Severity ?? settings.Severity,
                Action = action ?? settings.Action,
                Summary = state == AlertState.Firing ? FormattableString.Invariant(summary) : $"{rule.Title}: over on {now.Where}",
                Value = value,
                Threshold = threshold,
            }
        );
        var flaps =
            state == AlertState.Firing ? condition.Opened(now.TimeMs, now.Rules.Of(RuleCatalog.Flapping)) : condition.FlapsSinceMs != 0;
        if (flaps)
        {
            AddFlapping(now, rule, state, ref condition);
        }
    }

    /// <summary>Closes all open alerts: the GPU is retired.</summary>
    public void Retire(in Evaluation now)
    {
        foreach (var rule in RuleCatalog.All)
        {
            ref var condition = ref Of(rule);
            if (condition.FlapsSinceMs != 0)
            {
                AddFlapping(now, rule, AlertState.Resolved, ref condition);
            }

            if (condition.Tracker.IsFiring)
            {
                condition.Tracker.Close();
                now.Transitions.Add(
                    Transition(now, rule, "", condition.Tracker, AlertState.Resolved) with
                    {
                        Severity = condition.Severity ?? now.Rules.Of(rule).Severity,
                        Summary = $"{rule.Title}: {now.Where} is retired",
                    }
                );
            }
        }
    }

    /// <summary>
    /// A transition of an alert with the severity and action of its rule, without summary and values.
    /// </summary>
    /// <param name="now">The evaluation.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="discriminator">What tells alerts of this rule apart; empty when it has one at a time.</param>
    /// <param name="tracker">The alert.</param>
    /// <param name="state">Its new state.</param>
    public static AlertTransition Transition(in Evaluation now, Rule rule, string discriminator, in AlertTracker tracker, AlertState state)
    {
        var settings = now.Rules.Of(rule);
        return new AlertTransition
        {
            AlertId = AlertId.Of(now.Gpu.Gpu, rule.Id, discriminator, tracker.OpenedAtMs),
            Seq = tracker.Seq,
            State = state,
            Severity = settings.Severity,
            Rule = rule.Id,
            Gpu = now.Gpu.Gpu,
            Summary = "",
            Value = double.NaN,
            Threshold = double.NaN,
            OpenedAtMs = tracker.OpenedAtMs,
            SourceTimeMs = now.TimeMs,
            IngestedAtMs = now.AppendMs,
            Action = settings.Action,
            Runbook = settings.Runbook,
            Labels = Labels(now.Gpu, rule, discriminator),
        };
    }

    /// <summary>The state that a change of a tracker publishes; null when nothing changed.</summary>
    public static AlertState? StateOf(AlertTracker.Change change) =>
        change switch
        {
            AlertTracker.Change.Fired => AlertState.Firing,
            AlertTracker.Change.Resolved => AlertState.Resolved,
            _ => null,
        };

    /// <summary>An open alert.</summary>
    public static OpenAlert Open(GpuReadings gpu, Rule rule, string discriminator, long openedAtMs, AlertSeverity severity) =>
        new()
        {
            AlertId = AlertId.Of(gpu.Gpu, rule.Id, discriminator, openedAtMs),
            Rule = rule.Id,
            Gpu = gpu.Gpu,
            Severity = severity,
            OpenedAtMs = openedAtMs,
            Labels = Labels(gpu, rule, discriminator),
        };

    /// <summary>The open alerts, without those per code.</summary>
    public IEnumerable<OpenAlert> OpenAlerts(GpuReadings gpu, RuleSettings rules)
    {
        foreach (var rule in RuleCatalog.All)
        {
            var condition = Of(rule);
            if (condition.Tracker.IsFiring)
            {
                yield return Open(gpu, rule, "", condition.Tracker.OpenedAtMs, condition.Severity ?? rules.Of(rule).Severity);
            }

            if (condition.FlapsSinceMs != 0)
            {
                var severity = rules.Of(RuleCatalog.Flapping).Severity;
                yield return Open(gpu, RuleCatalog.Flapping, rule.Id, condition.FlapsSinceMs, severity);
            }
        }
    }

    // Rules are saved by id: their positions are local to a process.
    public void Save(BinaryWriter writer)
    {
        var live = RuleCatalog.All.Where(rule => !Of(rule).IsQuiet || Of(rule).HasOpened).ToList();
        writer.Write7BitEncodedInt(live.Count);
        foreach (var rule in live)
        {
            writer.Write(rule.Id);
            Of(rule).Save(writer);
        }
    }

    // A rule that this build does not have is read and dropped.
    public void Load(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var rule = RuleCatalog.Find(reader.ReadString());
            var condition = Condition.Load(reader);
            if (rule is not null)
            {
                Of(rule) = condition;
            }
        }
    }

    private static void AddFlapping(in Evaluation now, Rule rule, AlertState state, ref Condition condition)
    {
        var flap = now.Rules.Of(RuleCatalog.Flapping);
        var tracker = AlertTracker.Opened(condition.FlapsSinceMs, state == AlertState.Firing ? 1 : 2);
        now.Transitions.Add(
            Transition(now, RuleCatalog.Flapping, rule.Id, tracker, state) with
            {
                Summary = state == AlertState.Firing ? Text(rule, flap, now.Where) : $"{rule.Id} has settled on {now.Where}",
                Value = flap.Openings,
                Threshold = flap.Openings,
            }
        );
        if (state == AlertState.Resolved)
        {
            condition.Settled();
        }
    }

    private static string Text(Rule rule, FlapSettings flap, string where)
    {
        double window = flap.Window.TotalMinutes,
            stable = flap.Stable.TotalMinutes;
        return FormattableString.Invariant($"{rule.Id} opened {flap.Openings} times within {window:0.#} minutes on {where}")
            + FormattableString.Invariant($": it stays open until it has been over for {stable:0.#} minutes");
    }

    private static AlertLabels Labels(GpuReadings gpu, Rule rule, string discriminator)
    {
        var labels = AlertLabels.Of(gpu.Info);
        return rule.DiscriminatorLabel is { } name ? labels.With(name, discriminator) : labels;
    }
}
