using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

// Power beyond the throttle mask, and the driver's own verdict.
public sealed partial class GpuState
{
    private void JudgePowerLimit(in Judgement now)
    {
        const int RecentMinutes = 10;
        var limit = Value(Metric.PowerLimit);
        if (
            double.IsNaN(limit)
            || _windows.CoveredMinutes(Metric.SmClock, 60, now.TimeMs) < 60 - RecentMinutes
            || _windows.CoveredMinutes(Metric.PowerUsage, RecentMinutes, now.TimeMs) < RecentMinutes
        )
        {
            return; // Warming.
        }

        var rule = now.Rules.Of(RuleCatalog.PowerLimited);
        var recent = _windows.LastMinutes(Metric.SmClock, RecentMinutes, now.TimeMs);
        var hour = _windows.LastMinutes(Metric.SmClock, 60, now.TimeMs);
        var before = (hour.Sum - recent.Sum) / (hour.Count - recent.Count);
        var watts = _windows.LastMinutes(Metric.PowerUsage, RecentMinutes, now.TimeMs).Mean;
        if (
            Turn(now, RuleCatalog.PowerLimited, watts >= rule.MinShareOfLimit * limit && recent.Mean < rule.MaxClockShare * before) is
            { } state
        )
        {
            Add(
                now,
                RuleCatalog.PowerLimited,
                state,
                recent.Mean,
                rule.MaxClockShare * before,
                FormattableString.Invariant(
                    $"{watts:0} W of {limit:0} W for {RecentMinutes} minutes while the SM clock fell from {before:0} to {recent.Mean:0} MHz on {Where()}"
                )
            );
        }
    }

    // NVML: 0 none, 1 GPU reset, 2 node reboot, 3 drain P2P, 4 drain and reset.
    private void JudgeRecoveryAction(in Judgement now)
    {
        // What has a name of its own is the alert; the driver's verdict is for what nobody else has seen.
        var value = Value(Metric.GpuRecoveryAction);
        var named =
            value > 0
            && (
                IsFiring(RuleCatalog.RowRemapPending)
                || IsFiring(RuleCatalog.RowRemapFailure)
                || IsFiring(RuleCatalog.EccDbe)
                || IsFiring(RuleCatalog.SramThreshold)
                || _codes.Keys.Any(c => c.Rule == RuleCatalog.Xid)
            );
        if (!double.IsNaN(value) && Turn(now, RuleCatalog.RecoveryAction, value > 0 && !named) is { } state)
        {
            var (what, action) = value switch
            {
                2 => ("a reboot of the node", RecommendedAction.RebootNode),
                3 => ("draining peer-to-peer traffic", RecommendedAction.DrainAndInspect),
                _ => ("a GPU reset", RecommendedAction.ResetGpu),
            };
            Add(
                now,
                RuleCatalog.RecoveryAction,
                state,
                value,
                0,
                FormattableString.Invariant($"The driver asks for {what} ({value:0}) on {Where()}"),
                value == 3 ? AlertSeverity.Warning : null,
                action
            );
        }
    }
}
