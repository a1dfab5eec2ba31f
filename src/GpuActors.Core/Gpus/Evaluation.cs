using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

/// <summary>
/// One evaluation of the rules of a GPU: what they read, the rules in force, and where the transitions go. It lives as long as the call.
/// </summary>
/// <param name="Gpu">The newest values.</param>
/// <param name="Windows">Rolling statistics.</param>
/// <param name="Alerts">The alerts of the GPU.</param>
/// <param name="Rules">Rules in force.</param>
/// <param name="TimeMs">Time of the sample or log line that is evaluated, Unix milliseconds.</param>
/// <param name="AppendMs">When Kafka appended it, Unix milliseconds.</param>
/// <param name="Transitions">Takes the transitions.</param>
internal readonly record struct Evaluation(
    GpuReadings Gpu,
    MetricWindows Windows,
    GpuAlerts Alerts,
    RuleSettings Rules,
    long TimeMs,
    long AppendMs,
    List<AlertTransition> Transitions
)
{
    /// <summary>The GPU in texts for a person.</summary>
    public string Where => Gpu.Where;

    /// <summary>The newest value of a metric; NaN when it is missing.</summary>
    public double Value(Metric metric) => Gpu[metric];

    /// <summary>The increase of a counter with the newest sample; NaN when it is missing or the first value.</summary>
    public double Increase(Metric counter) => Gpu.Increases[counter];

    /// <summary>Whether the alert of a rule is open.</summary>
    public bool IsFiring(Rule rule) => Alerts.Of(rule).Tracker.IsFiring;

    /// <summary>
    /// True when the condition of a rule has not held lately and no alert of it is open or pending. Most evaluations can end here.
    /// </summary>
    public bool IsQuiet(Rule rule) => Alerts.Of(rule).IsQuiet;

    /// <summary>Updates the alert of a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="holds">Whether its condition holds now.</param>
    /// <returns>The new state of an alert that this opened or closed: it has to be passed to <see cref="Add"/>. Otherwise null.</returns>
    public AlertState? Update(Rule rule, bool holds)
    {
        ref var condition = ref Alerts.Of(rule);
        return !holds && condition.IsQuiet ? null : Step(rule, holds, ref condition);
    }

    /// <summary>Whether the alert of a rule is open with a severity of its own, below that of the rule.</summary>
    public bool IsMilder(Rule rule) => IsFiring(rule) && Alerts.Of(rule).Severity < Rules.Of(rule).Severity;

    /// <summary>The open alert of a rule has become worse: the transition has to be passed to <see cref="Add"/>.</summary>
    public AlertState Worsen(Rule rule)
    {
        Alerts.Of(rule).Tracker.Worsen();
        return AlertState.Firing;
    }

    /// <summary>Adds the transition of an alert that <see cref="Update"/> opened or closed.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="state">What <see cref="Update"/> returned.</param>
    /// <param name="value">The value that the rule compared; NaN when it has none.</param>
    /// <param name="threshold">The threshold that the value was compared with; NaN when the rule has none.</param>
    /// <param name="summary">What has happened, for a person. An alert that closes has a summary of its own.</param>
    /// <param name="severity">Severity, where it is not the rule's.</param>
    /// <param name="action">Recommended action, where it is not the rule's.</param>
    public void Add(
        Rule rule,
        AlertState state,
        double value,
        double threshold,
        FormattableString summary,
        AlertSeverity? severity = null,
        string? action = null
    ) => Alerts.Add(this, rule, state, value, threshold, summary, severity, action);

    private AlertState? Step(Rule rule, bool holds, ref Condition condition)
    {
        var settings = Rules.Of(rule);
        var booting = settings.BootGrace > TimeSpan.Zero && TimeMs - Gpu.BootMs < (long)settings.BootGrace.TotalMilliseconds;
        return GpuAlerts.StateOf(condition.Step(holds, TimeMs, settings, Rules.Of(RuleCatalog.Flapping), booting));
    }
}
