using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Metrics;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Tests.Windows;

/// <summary>Rolling windows against a recomputation from all the values that there ever were.</summary>
public sealed class MetricWindowsTests
{
    // Steps forward, gaps up to days, and samples that come late by up to hours.
    private static readonly Gen<(int StepMs, int LateMs, int Value)> Step = Gen.Frequency(
            (20, Gen.Choose(0, 90_000)),
            (3, Gen.Choose(0, 4_000_000)),
            (1, Gen.Choose(0, 300_000_000))
        )
        .SelectMany(step =>
            Gen.Frequency((5, Gen.Constant(0)), (1, Gen.Choose(0, 5_000_000)))
                .SelectMany(late => Gen.Choose(0, 150).Select(value => (step, late, value)))
        );

    [Fact]
    public void Windows_equal_a_naive_recomputation_over_any_interleaving_gap_and_late_sample() =>
        Prop.ForAll(
                Gen.ArrayOf(Step, 200).ToArbitrary(),
                steps =>
                {
                    var windows = new MetricWindows();
                    var minutes = new Naive(Durations.MinuteMs, 60);
                    var hours = new Naive(Durations.HourMs, 169);
                    var now = Given.NoonMs;
                    foreach (var (step, late, value) in steps)
                    {
                        now += step;
                        windows.Add(Metric.GpuTemp, now - late, value);
                        minutes.Add(now - late, value);
                        hours.Add(now - late, value);

                        AssertEqual(minutes.Last(5, now), windows.LastMinutes(Metric.GpuTemp, 5, now));
                        AssertEqual(minutes.Last(60, now), windows.LastMinutes(Metric.GpuTemp, 60, now));
                        AssertEqual(hours.Last(24, now), windows.LastHours(Metric.GpuTemp, 24, now));
                        AssertEqual(hours.Last(169, now), windows.LastHours(Metric.GpuTemp, 169, now));
                    }

                    Assert.Equal(hours.Refused, windows.TooLate);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void Metrics_do_not_mix_and_a_missing_value_is_none()
    {
        var windows = new MetricWindows();
        windows.Add(Metric.GpuTemp, Given.NoonMs, 61);
        windows.Add(Metric.PowerUsage, Given.NoonMs, 400);
        windows.Add(Metric.GpuTemp, Given.NoonMs, double.NaN);

        Assert.Equal(
            (1, 61d),
            (windows.LastMinutes(Metric.GpuTemp, 1, Given.NoonMs).Count, windows.LastMinutes(Metric.GpuTemp, 1, Given.NoonMs).Mean)
        );
        Assert.Equal(400, windows.LastHours(Metric.PowerUsage, 1, Given.NoonMs).Max);
        Assert.Equal(double.NaN, windows.LastHours(Metric.MemoryTemp, 1, Given.NoonMs).Mean);
    }

    [Fact]
    public void A_bucket_states_mean_and_population_deviation()
    {
        var bucket = default(Bucket);
        foreach (var value in new double[] { 2, 4, 4, 4, 5, 5, 7, 9 })
        {
            bucket.Add(value);
        }

        Assert.Equal((8, 5d, 2d, 2d, 9d), (bucket.Count, bucket.Mean, bucket.StandardDeviation, bucket.Min, bucket.Max));
        Assert.Equal(double.NaN, default(Bucket).StandardDeviation);
    }

    // Whole numbers within the metric's range: what is rounded when a minute closes is the mean and the deviation alone, each to a
    // millionth of the span between least and greatest.
    private static void AssertEqual(List<double> values, Bucket bucket)
    {
        var span = values.DefaultIfEmpty(0).Max() - values.DefaultIfEmpty(0).Min();
        Assert.Equal(values.Count, bucket.Count);
        Assert.Equal(values.DefaultIfEmpty(0).Min(), bucket.Min);
        Assert.Equal(values.DefaultIfEmpty(0).Max(), bucket.Max);
        if (values.Count > 0)
        {
            var mean = values.Average();
            var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
            Assert.Equal(mean, bucket.Mean, 1e-9 + (span * 1e-6 * values.Count));
            Assert.Equal(deviation, bucket.StandardDeviation, 1e-3 + (span * 1e-4 * values.Count));
        }
    }

    /// <summary>
    /// Keeps every value for ever. One that comes later than the span behind the newest is refused, as a bucket that is gone can't take it.
    /// </summary>
    private sealed class Naive(long widthMs, int span)
    {
        private readonly List<(long Bucket, double Value)> _values = [];
        private long _newest = long.MinValue;

        public long Refused { get; private set; }

        public void Add(long timeMs, double value)
        {
            var bucket = timeMs / widthMs;
            if (_newest != long.MinValue && bucket <= _newest - span)
            {
                Refused++;
                return;
            }

            _newest = Math.Max(_newest, bucket);
            _values.Add((bucket, value));
        }

        public List<double> Last(int buckets, long nowMs) =>
            _values.Where(v => v.Bucket > (nowMs / widthMs) - buckets && v.Bucket <= nowMs / widthMs).Select(v => v.Value).ToList();
    }
}
