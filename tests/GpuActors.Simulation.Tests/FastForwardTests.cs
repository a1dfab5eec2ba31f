using GpuActors.Core.Metrics;
using GpuActors.Simulation.Failures;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Tests;

/// <summary>
/// The fast-forward against the simulation in seconds of the same GPUs: each hourly statistic has the same distribution.
/// </summary>
public sealed class FastForwardTests
{
    // All profiles, each hour of the day twice, in seconds: 480 GPU-hours. The fast-forward: 40 days of the same GPUs.
    private const int Gpus = 10;
    private const int SlowHours = 48;
    private const int FastHours = 960;

    // The two-sample Kolmogorov-Smirnov bound at a level of 0.001, 1.95 √(1/n + 1/m). m is less than the 9,600 hours of the fast-forward,
    // because they are drawn from 4,800 simulated ones: 1/m = 1/4800 + 1/9600. Both samples have the same share of each profile and hour
    // of the day, which makes the distance smaller than that of independent samples. 25 comparisons, so that a correct simulation with
    // another seed would fail in fewer than one of 40 cases.
    private static readonly double Bound = 1.95 * Math.Sqrt((1.0 / (Gpus * SlowHours)) + (1.0 / 4800) + (1.0 / 9600));

    private static readonly (Metric Metric, HourColumn Mean)[] Gauges =
    [
        (Metric.GpuTemp, HourColumn.GpuTempMean),
        (Metric.MemoryTemp, HourColumn.MemoryTempMean),
        (Metric.PowerUsage, HourColumn.PowerMean),
        (Metric.GpuUtilization, HourColumn.UtilizationMean),
        (Metric.SmClock, HourColumn.SmClockMean),
        (Metric.SmActive, HourColumn.SmActiveMean),
    ];

    [Fact]
    public void Each_hourly_statistic_has_the_distribution_of_the_simulation_in_seconds()
    {
        var slow = Slow();
        var fast = Fast();
        Assert.Equal(fast.Keys.Order(), slow.Keys.Order());
        var distances = slow.Keys.Order().Select(column => (column, Distance: Distance(slow[column], fast[column]))).ToList();

        Assert.Empty(distances.Where(d => d.Distance > Bound).Select(d => $"{d.column}: {d.Distance:0.000}, bound {Bound:0.000}"));
    }

    [Fact]
    public void The_bound_detects_a_shift_of_each_temperature_by_two_degrees()
    {
        var fast = Fast();
        var shifted = fast[HourColumn.GpuTempMean].Where((_, i) => i % 20 == 0).Select(value => value + 2).ToList();

        Assert.True(Distance(shifted, fast[HourColumn.GpuTempMean]) > Bound);
    }

    private static Dictionary<HourColumn, List<double>> Slow()
    {
        var fleet = new SimulatedFleet(Gpus, 11, Pages.StartMs / 3_600_000 * 3_600_000);
        var values = new Dictionary<HourColumn, List<double>>();
        var start = Pages.StartMs / 3_600_000 * 3_600_000;
        for (var n = 0; n < SlowHours; n++)
        {
            // Each hour of the day comes twice, on different days, with pauses that the fleet skips.
            var hour = start + (((n * 25L) + 1) * 3_600_000);
            var before = new double[Gpus];
            var gauges = new Tally[Gpus, Gauges.Length];
            var bits = new double[Gpus, 2];
            var sbe = new double[Gpus];
            for (var second = -300; second < 3600; second++)
            {
                _ = fleet.Read(
                    hour + (second * 1000L),
                    null,
                    gpus =>
                    {
                        for (var g = 0; g < Gpus; g++)
                        {
                            var now = gpus[g].Values;
                            sbe[g] = now[(int)Metric.EccSbeVolatile];
                            if (second < 0)
                            {
                                before[g] = sbe[g];
                                continue;
                            }

                            for (var m = 0; m < Gauges.Length; m++)
                            {
                                gauges[g, m].Add(now[(int)Gauges[m].Metric]);
                            }

                            bits[g, 0] += (int)now[(int)Metric.ThrottleReasons] & 1;
                            bits[g, 1] += ((int)now[(int)Metric.ThrottleReasons] >> 2) & 1;
                        }
                    }
                );
            }

            for (var g = 0; g < Gpus; g++)
            {
                for (var m = 0; m < Gauges.Length; m++)
                {
                    var (mean, deviation, min, max) = gauges[g, m].Statistics;
                    Add(values, Gauges[m].Mean, mean);
                    Add(values, Gauges[m].Mean + 1, deviation);
                    Add(values, Gauges[m].Mean + 2, min);
                    Add(values, Gauges[m].Mean + 3, max);
                }

                Add(values, HourColumn.IdleSeconds, bits[g, 0]);
                Add(values, HourColumn.PowerCapSeconds, bits[g, 1]);
                Add(values, HourColumn.SbeVolatile, sbe[g] - before[g]);
            }
        }

        return values;
    }

    private static Dictionary<HourColumn, List<double>> Fast()
    {
        var simulator = new LifeSimulator(
            new LifeSettings
            {
                Gpus = Gpus,
                Hours = FastHours,
                Failures = new FailureParameters
                {
                    Modes = [],
                    RemovalsPerYear = 0,
                    Site = SiteParameters.Undisturbed,
                },
            }
        );
        var values = new Dictionary<HourColumn, List<double>>();
        var hours = new LifeHours();
        for (var slot = 0; slot < Gpus; slot++)
        {
            simulator.WriteHours(simulator.Lives(slot).Single(), 0, FastHours, hours);
            foreach (var (_, mean) in Gauges)
            {
                for (var column = mean; column < mean + 4; column++)
                {
                    foreach (var value in hours[column])
                    {
                        Add(values, column, value);
                    }
                }
            }

            for (var i = 0; i < FastHours; i++)
            {
                Add(values, HourColumn.IdleSeconds, hours[HourColumn.IdleSeconds][i]);
                Add(values, HourColumn.PowerCapSeconds, hours[HourColumn.PowerCapSeconds][i]);
                Add(values, HourColumn.SbeVolatile, hours[HourColumn.SbeVolatile][i] - (i == 0 ? 0 : hours[HourColumn.SbeVolatile][i - 1]));
            }
        }

        return values;
    }

    private static void Add(Dictionary<HourColumn, List<double>> values, HourColumn column, double value)
    {
        if (!values.TryGetValue(column, out var list))
        {
            values[column] = list = [];
        }

        // To a thousandth of the unit, so that equal values of float and double are equal.
        list.Add(Math.Round(value, 3));
    }

    // The largest distance of the two empirical distribution functions.
    private static double Distance(List<double> first, List<double> second)
    {
        var (a, b) = (first.Order().ToArray(), second.Order().ToArray());
        var (i, j, most) = (0, 0, 0.0);
        while (i < a.Length && j < b.Length)
        {
            var value = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] <= value)
            {
                i++;
            }

            while (j < b.Length && b[j] <= value)
            {
                j++;
            }

            most = Math.Max(most, Math.Abs(((double)i / a.Length) - ((double)j / b.Length)));
        }

        return most;
    }

    private struct Tally
    {
        private double _sum,
            _squares,
            _min,
            _max;
        private int _count;

        public void Add(double value)
        {
            (_min, _max) = _count++ == 0 ? (value, value) : (Math.Min(_min, value), Math.Max(_max, value));
            _sum += value;
            _squares += value * value;
        }

        public readonly (double Mean, double Deviation, double Min, double Max) Statistics =>
            (_sum / _count, Math.Sqrt(Math.Max(0, (_squares / _count) - (_sum / _count * (_sum / _count)))), _min, _max);
    }
}
