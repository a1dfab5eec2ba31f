using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

// Heat: now, over days, and against power. Limits are the device's own (fields 151, 152, 153, 158) and, where the driver does not say them,
// the product's.
public sealed partial class GpuState
{
    // An H100 now and then shows a margin of 0 or less while it is cool: only near the limit does a margin count.
    private const double MarginCountsWithinCelsius = 10;

    private GpuModelLimits? _limits;
    private (GpuModelPolicy Models, string Model) _limitsOf;

    private void JudgeTemperatures(in Judgement now)
    {
        // hw_thermal says it already.
        var hot = Value(Metric.ThrottleReasons) is var mask && !double.IsNaN(mask) && ((int)mask & ThrottleBits.HwThermal) != 0;
        if (Value(Metric.GpuTemp) is var celsius && !double.IsNaN(celsius))
        {
            var limits = Limits(now.Rules.Models);
            var slowdown = Known(Metric.GpuTempSlowdown, limits.SlowdownCelsius);
            var atLimit =
                celsius >= slowdown
                || (
                    limits.SlowdownMarginCelsius is { } offset
                    && Value(Metric.GpuTempMargin) < offset
                    && celsius >= slowdown - MarginCountsWithinCelsius
                );
            if (Turn(now, RuleCatalog.GpuTempCritical, atLimit && !hot) is { } critical)
            {
                Add(
                    now,
                    RuleCatalog.GpuTempCritical,
                    critical,
                    celsius,
                    slowdown,
                    FormattableString.Invariant($"GPU at {celsius:0} °C, slowdown at {slowdown:0} °C, on {Where()}")
                );
            }

            var highest = Known(Metric.GpuTempMaxOp, limits.GpuMaxCelsius);
            if (Turn(now, RuleCatalog.GpuTempHigh, celsius > highest && !atLimit && !hot) is { } high)
            {
                Add(
                    now,
                    RuleCatalog.GpuTempHigh,
                    high,
                    celsius,
                    highest,
                    FormattableString.Invariant($"GPU at {celsius:0} °C, highest operating temperature {highest:0} °C, on {Where()}")
                );
            }
        }

        if (Value(Metric.MemoryTemp) is var memory && !double.IsNaN(memory))
        {
            var highest = Known(Metric.MemoryTempMaxOp, Limits(now.Rules.Models).MemoryMaxCelsius);
            if (Turn(now, RuleCatalog.MemoryTempHigh, memory > highest && !hot) is { } state)
            {
                Add(
                    now,
                    RuleCatalog.MemoryTempHigh,
                    state,
                    memory,
                    highest,
                    FormattableString.Invariant($"Memory at {memory:0} °C, highest operating temperature {highest:0} °C, on {Where()}")
                );
            }
        }
    }

    private void JudgeTrends(in Judgement now)
    {
        var trend = now.Rules.Of(RuleCatalog.TempTrend);
        var hours = _windows.HourlyMeans(Metric.GpuTemp, now.TimeMs);
        if (
            hours.Count > 1
            && hours[^1].Hour - hours[0].Hour + 1 >= trend.MinCovered.TotalHours
            && hours.Count >= trend.MinCovered.TotalHours / 2
        )
        {
            var perDay = 24 * Line.Fit(hours.Select(h => ((double)h.Hour, h.Mean))).Slope;
            if (Turn(now, RuleCatalog.TempTrend, perDay > trend.MaxCelsiusPerDay) is { } state)
            {
                Add(
                    now,
                    RuleCatalog.TempTrend,
                    state,
                    perDay,
                    trend.MaxCelsiusPerDay,
                    FormattableString.Invariant(
                        $"GPU temperature rises by {perDay:0.0} °C a day over {(hours[^1].Hour - hours[0].Hour) / 24.0:0.#} days on {Where()}"
                    )
                );
            }
        }

        JudgeThermalResistance(now, hours);
    }

    // What the days before say of the temperature at the same power, held against the last day.
    private void JudgeThermalResistance(in Judgement now, List<(long Hour, double Mean)> temperatures)
    {
        var rule = now.Rules.Of(RuleCatalog.ThermalResistance);
        var powers = _windows.HourlyMeans(Metric.PowerUsage, now.TimeMs).ToDictionary(p => p.Hour, p => p.Mean);
        var points = temperatures
            .Where(t => powers.ContainsKey(t.Hour))
            .Select(t => (t.Hour, Watts: powers[t.Hour], Celsius: t.Mean))
            .ToList();
        var recentFrom = (now.TimeMs / HourMs) - (long)rule.Recent.TotalHours;
        var baseline = points.Where(p => p.Hour < recentFrom).ToList();
        var recent = points.Where(p => p.Hour >= recentFrom).ToList();
        if (baseline.Count < rule.MinBaseline.TotalHours || recent.Count < rule.Recent.TotalHours / 2)
        {
            return; // Warming: neither fires nor resolves.
        }

        var line = Line.Fit(baseline.Select(p => (p.Watts, p.Celsius)));
        var excess = recent.Average(p => p.Celsius - line.At(p.Watts));
        if (Turn(now, RuleCatalog.ThermalResistance, excess > rule.MaxExcessCelsius) is { } state)
        {
            Add(
                now,
                RuleCatalog.ThermalResistance,
                state,
                excess,
                rule.MaxExcessCelsius,
                FormattableString.Invariant($"GPU {excess:0.0} °C hotter at the same power than in the days before on {Where()}")
            );
        }
    }

    private double Known(Metric metric, double otherwise) => Value(metric) is var value && double.IsNaN(value) ? otherwise : value;

    private GpuModelLimits Limits(GpuModelPolicy models)
    {
        if (_limits is null || !ReferenceEquals(_limitsOf.Models, models) || !ReferenceEquals(_limitsOf.Model, _info.Model))
        {
            _limits = models.For(_info.Model);
            _limitsOf = (models, _info.Model);
        }

        return _limits;
    }
}
