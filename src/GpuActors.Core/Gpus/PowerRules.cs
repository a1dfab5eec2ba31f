using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>Rules on power beyond the clock event reasons. They have no state beside their alerts and the windows.</summary>
internal static class PowerRules
{
    private const int RecentMinutes = 10;

    // Share of the present power from which the GPU had as much to do before. A GPU that begins to work lowers its clock: an H200 goes from
    // 1980 MHz at 128 W to 1425 MHz at its limit of 700 W.
    private const double SameLoad = 0.9;

    /// <summary>Evaluates what looks back over the last hour; once a minute is enough.</summary>
    public static void EvaluateMinute(in Evaluation now)
    {
        var limit = now.Value(Metric.PowerLimit);
        if (
            double.IsNaN(limit)
            || now.Windows.CoveredMinutes(Metric.SmClock, 60, now.TimeMs) < 60 - RecentMinutes
            || now.Windows.CoveredMinutes(Metric.PowerUsage, RecentMinutes, now.TimeMs) < RecentMinutes
        )
        {
            return; // Too few minutes are known: the alert neither opens nor resolves.
        }

        var settings = now.Rules.Of(RuleCatalog.PowerLimited);
        var (clock, before) = Means(now, Metric.SmClock);
        var (watts, wattsBefore) = Means(now, Metric.PowerUsage);
        var minClock = settings.MaxClockShare * before;
        var isAtLimit = watts >= settings.MinShareOfLimit * limit && wattsBefore >= SameLoad * watts;
        if (now.Update(RuleCatalog.PowerLimited, isAtLimit && clock < minClock) is { } state)
        {
            now.Add(
                RuleCatalog.PowerLimited,
                state,
                clock,
                minClock,
                $"{watts:0} W of {limit:0} W for 10 minutes while the SM clock fell from {before:0} to {clock:0} MHz on {now.Where}"
            );
        }
    }

    // Of the last minutes, and of those of the hour before them.
    private static (double Recent, double Before) Means(in Evaluation now, Metric metric)
    {
        var recent = now.Windows.LastMinutes(metric, RecentMinutes, now.TimeMs);
        var hour = now.Windows.LastMinutes(metric, 60, now.TimeMs);
        return (recent.Mean, (hour.Sum - recent.Sum) / (hour.Count - recent.Count));
    }
}
