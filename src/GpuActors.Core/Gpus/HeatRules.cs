using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

/// <summary>
/// Rules on temperatures: against limits, over days, and against power. Limits are the device's own (fields 151, 152, 153, 158) and, where
/// the driver does not publish them, the product's. These rules have no state beside their alerts and the windows.
/// </summary>
internal static class HeatRules
{
    private const long HourMs = 3_600_000;

    // An H100 sometimes reports a margin of 0 or less while it is cool: a margin counts near the slowdown temperature only.
    private const double MarginCountsWithinCelsius = 10;

    public static void Evaluate(in Evaluation now)
    {
        // An open alert of hw_thermal covers these; its bit alone does not, since it may come and go without opening one.
        var throttles = now.IsFiring(RuleCatalog.HwThermal);
        EvaluateGpuTemperature(now, throttles);
        EvaluateMemoryTemperature(now, throttles);
    }

    /// <summary>Evaluates what looks back over days; once an hour is enough.</summary>
    public static void EvaluateHour(in Evaluation now)
    {
        var hours = now.Windows.HourlyMeans(Metric.GpuTemp, now.TimeMs);
        EvaluateTrend(now, hours);
        EvaluateThermalResistance(now, hours);
    }

    private static void EvaluateGpuTemperature(in Evaluation now, bool throttles)
    {
        var celsius = now.Value(Metric.GpuTemp);
        if (double.IsNaN(celsius))
        {
            return;
        }

        var limits = now.Gpu.Limits(now.Rules.Models);
        var (slowdown, ofSlowdown) = Limit(now, Metric.GpuTempSlowdown, limits.SlowdownCelsius);
        var atLimit =
            celsius >= slowdown
            || (
                limits.SlowdownMarginCelsius is { } offset
                && now.Value(Metric.GpuTempMargin) < offset
                && celsius >= slowdown - MarginCountsWithinCelsius
            );
        if (now.Update(RuleCatalog.GpuTempCritical, atLimit && !throttles) is { } critical)
        {
            now.Add(
                RuleCatalog.GpuTempCritical,
                critical,
                celsius,
                slowdown,
                $"GPU at {celsius:0} °C, slowdown at {slowdown:0} °C{ofSlowdown}, on {now.Where}"
            );
        }

        var (highest, ofHighest) = Limit(now, Metric.GpuTempMaxOp, limits.GpuMaxCelsius);
        if (now.Update(RuleCatalog.GpuTempHigh, celsius > highest && !now.IsFiring(RuleCatalog.GpuTempCritical) && !throttles) is { } high)
        {
            now.Add(
                RuleCatalog.GpuTempHigh,
                high,
                celsius,
                highest,
                $"GPU at {celsius:0} °C, highest operating temperature {highest:0} °C{ofHighest}, on {now.Where}"
            );
        }
    }

    private static void EvaluateMemoryTemperature(in Evaluation now, bool throttles)
    {
        var celsius = now.Value(Metric.MemoryTemp);
        if (double.IsNaN(celsius))
        {
            return;
        }

        var (highest, ofHighest) = Limit(now, Metric.MemoryTempMaxOp, now.Gpu.Limits(now.Rules.Models).MemoryMaxCelsius);
        if (now.Update(RuleCatalog.MemoryTempHigh, celsius > highest && !throttles) is { } state)
        {
            now.Add(
                RuleCatalog.MemoryTempHigh,
                state,
                celsius,
                highest,
                $"Memory at {celsius:0} °C, highest operating temperature {highest:0} °C{ofHighest}, on {now.Where}"
            );
        }
    }

    // The device's own limit; else that of its product, which the text says.
    private static (double Celsius, string Note) Limit(in Evaluation now, Metric metric, double ofProduct) =>
        now.Value(metric) is var own && double.IsNaN(own) ? (ofProduct, " (assumed: the device reports none)") : (own, "");

    private static void EvaluateTrend(in Evaluation now, List<(long Hour, double Mean)> hours)
    {
        var settings = now.Rules.Of(RuleCatalog.TempTrend);
        if (
            hours.Count <= 1
            || hours[^1].Hour - hours[0].Hour + 1 < settings.MinCovered.TotalHours
            || hours.Count < settings.MinCovered.TotalHours / 2
        )
        {
            return; // Too few hours are known: the alert neither opens nor resolves.
        }

        var perDay = 24 * Line.Fit(hours.Select(h => ((double)h.Hour, h.Mean))).Slope;
        if (now.Update(RuleCatalog.TempTrend, perDay > settings.MaxCelsiusPerDay) is { } state)
        {
            var days = (hours[^1].Hour - hours[0].Hour) / 24.0;
            now.Add(
                RuleCatalog.TempTrend,
                state,
                perDay,
                settings.MaxCelsiusPerDay,
                $"GPU temperature rises by {perDay:0.0} °C a day over {days:0.#} days on {now.Where}"
            );
        }
    }

    // Compares the temperatures of the last day with what the days before predict for the same power.
    private static void EvaluateThermalResistance(in Evaluation now, List<(long Hour, double Mean)> temperatures)
    {
        var settings = now.Rules.Of(RuleCatalog.ThermalResistance);
        var powers = now.Windows.HourlyMeans(Metric.PowerUsage, now.TimeMs).ToDictionary(p => p.Hour, p => p.Mean);
        var points = temperatures
            .Where(t => powers.ContainsKey(t.Hour))
            .Select(t => (t.Hour, Watts: powers[t.Hour], Celsius: t.Mean))
            .ToList();
        var recentFrom = (now.TimeMs / HourMs) - (long)settings.Recent.TotalHours;
        var baseline = points.Where(p => p.Hour < recentFrom).ToList();
        var recent = points.Where(p => p.Hour >= recentFrom).ToList();
        if (baseline.Count < settings.MinBaseline.TotalHours || recent.Count < settings.Recent.TotalHours / 2)
        {
            return; // Too few hours are known: the alert neither opens nor resolves.
        }

        var line = Line.Fit(baseline.Select(p => (p.Watts, p.Celsius)));
        var excess = recent.Average(p => p.Celsius - line.At(p.Watts));
        if (now.Update(RuleCatalog.ThermalResistance, excess > settings.MaxExcessCelsius) is { } state)
        {
            now.Add(
                RuleCatalog.ThermalResistance,
                state,
                excess,
                settings.MaxExcessCelsius,
                $"GPU {excess:0.0} °C hotter at the same power than in the days before on {now.Where}"
            );
        }
    }
}
