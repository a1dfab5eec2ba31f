using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Metrics;
using GpuActors.Core.Predictions;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>The rule <c>predicted_failure</c>: two of three predictions, with hysteresis.</summary>
public sealed class PredictionRuleTests
{
    private static readonly GpuId Gpu = GpuId.Parse("GPU-265c9814-6156-355b-e589-ff2064894f16");
    private readonly GpuState _state = new(Gpu);
    private readonly RuleSettings _rules = new();
    private readonly List<AlertTransition> _transitions = [];
    private readonly GpuRegistry _registry = new();
    private long _minute;

    [Fact]
    public void It_opens_at_one_probability_and_resolves_below_a_lower_one()
    {
        Predict(0.01, 0.31);
        Assert.Empty(_transitions);
        Predict(0.01, 0.4);
        var opened = Assert.Single(_transitions);
        Assert.Equal(("predicted_failure", AlertState.Firing, AlertSeverity.Warning), (opened.Rule, opened.State, opened.Severity));
        Assert.Equal((RecommendedAction.Watch, 0.4), (opened.Action, opened.Value));
        Assert.Contains("memory failure within 30 days: 40%", opened.Summary, StringComparison.Ordinal);

        for (var i = 0; i < 20; i++)
        {
            Predict(0.01, 0.25); // Between both: it stays.
        }

        Assert.Single(_transitions);
        for (var i = 0; i < 8; i++)
        {
            Predict(0.01, 0.1);
        }

        Assert.Equal(AlertState.Resolved, _transitions[1].State);
        Assert.Equal(opened.AlertId, _transitions[1].AlertId);
    }

    [Theory]
    [InlineData(0.5, 0.6, RecommendedAction.DrainAndTest)]
    [InlineData(0.1, 0.75, RecommendedAction.OrderPart)]
    [InlineData(0.1, 0.6, RecommendedAction.Watch)]
    public void The_action_follows_from_how_soon_the_failure_is_likely(double within7Days, double within30Days, string action)
    {
        Predict(within7Days, within30Days);
        Predict(within7Days, within30Days);

        Assert.Equal(action, Assert.Single(_transitions).Action);
    }

    [Fact]
    public void One_prediction_opens_nothing()
    {
        Predict(0.9, 0.9);
        Predict(0, 0);
        Predict(0, 0);
        Predict(0.9, 0.9);

        Assert.Empty(_transitions);
    }

    // Every five minutes, between samples.
    private void Predict(double within7Days, double within30Days)
    {
        _minute += 5;
        var sample = new GpuSample
        {
            Gpu = _registry.Intern(Gpu),
            TimeMs = Given.NoonMs + (_minute * 60_000),
            AppendTimeMs = Given.NoonMs + (_minute * 60_000),
            Offset = _minute,
        };
        sample[Metric.GpuTemp] = 60;
        _ = _state.Apply(sample, _rules, []);
        _state.Apply(new FailureRisk(Gpu, within7Days, within30Days, "memory", "gpu-failure-predictor 1"), _rules, _transitions);
    }
}
