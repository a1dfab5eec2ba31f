using GpuActors.Core.Predictions;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The rule on predictions. It opens at one probability and resolves below a lower one, so that a GPU between both keeps its state.
/// </summary>
internal static class PredictionRules
{
    public static void Evaluate(in Evaluation now, FailureRisk risk)
    {
        var rule = RuleCatalog.PredictedFailure;
        var settings = now.Rules.Of(rule);
        var threshold = now.IsFiring(rule) ? settings.ClearProbability : settings.MinProbability;
        if (now.Update(rule, risk.Within30Days >= threshold) is { } state)
        {
            var type = risk.Type is null ? "failure" : $"{risk.Type} failure";
            now.Add(
                rule,
                state,
                risk.Within30Days,
                settings.MinProbability,
                $"{type} within 30 days: {risk.Within30Days:0%}, within 7 days: {risk.Within7Days:0%}, says {risk.Model}, on {now.Where}",
                action: risk.Within7Days >= settings.DrainProbability ? RecommendedAction.DrainAndTest
                    : risk.Within30Days >= settings.OrderProbability ? RecommendedAction.OrderPart
                    : settings.Action
            );
        }
    }
}
