using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Metrics;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Tests.Windows;

/// <summary>What 16 bytes keep of a minute or an hour.</summary>
public sealed class BucketScaleTests
{
    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(500);

    public static TheoryData<Metric> Gauges => [.. MetricCatalog.All.Where(m => m.Kind == MetricKind.Gauge).Select(m => m.Metric)];

    [Theory]
    [MemberData(nameof(Gauges))]
    public void A_gauge_keeps_its_statistics_at_the_resolution_of_the_catalogue(Metric gauge)
    {
        var metric = MetricCatalog.Get(gauge);
        var scale = new BucketScale(metric);
        var step = Math.Max(metric.Resolution, (metric.Max - metric.Min) / ((1 << 23) - 1));
        Prop.ForAll(
                Gen.NonEmptyListOf(Gen.Choose(0, 1_000_000).Select(share => metric.Min + ((metric.Max - metric.Min) * share / 1e6)))
                    .ToArbitrary(),
                values =>
                {
                    var bucket = Of(values);

                    var kept = scale.Unpack(scale.Pack(bucket));

                    var fine = (step / 2) + (1e-9 * metric.Max);
                    // Mean and deviation are shares of the span.
                    var share = step + ((bucket.Max - bucket.Min) * 1e-6);
                    Assert.Equal(bucket.Count, kept.Count);
                    Assert.Equal(bucket.Min, kept.Min, fine);
                    Assert.Equal(bucket.Max, kept.Max, fine);
                    Assert.Equal(bucket.Last, kept.Last, fine);
                    Assert.Equal(bucket.Mean, kept.Mean, share);
                    Assert.Equal(bucket.StandardDeviation, kept.StandardDeviation, share + (metric.Max * 1e-6));
                }
            )
            .Check(Often.WithMaxTest(50));
    }

    [Fact]
    public void Integers_and_the_digits_of_an_exporter_come_back_to_the_last_bit() =>
        Prop.ForAll(
                Gen.Choose(0, 3_000_000).ToArbitrary(),
                digits =>
                {
                    Assert.Equal(digits / 1e3, Kept(Metric.PowerUsage, digits / 1e3).Mean);
                    Assert.Equal(digits, Kept(Metric.FbUsed, digits).Last);
                    Assert.Equal(digits / 4 / 1e6, Kept(Metric.SmActive, digits / 4 / 1e6).Max);
                }
            )
            .Check(Often);

    [Fact]
    public void The_increases_of_a_counter_keep_their_exact_sum() =>
        Prop.ForAll(
                Gen.NonEmptyListOf(Gen.Frequency((5, Gen.Choose(0, 511)), (1, Gen.Choose(0, int.MaxValue)))).ToArbitrary(),
                values =>
                {
                    var bucket = Of(values.Select(v => (double)v));

                    var kept = new BucketScale(MetricCatalog.Get(Metric.EccSbeVolatile)) is var scale
                        ? scale.Unpack(scale.Pack(bucket))
                        : default;

                    Assert.Equal((bucket.Count, bucket.Sum), (kept.Count, kept.Sum));
                    Assert.Equal(bucket.Max, kept.Max, bucket.Max <= 511 ? 0 : bucket.Max / 512);
                    Assert.Equal(bucket.StandardDeviation, kept.StandardDeviation, 1e-4 + (bucket.StandardDeviation / 256));
                }
            )
            .Check(Often);

    [Fact]
    public void Counters_of_bytes_and_nanoseconds_keep_the_sum_of_a_whole_hour()
    {
        var bucket = default(Bucket);
        for (var second = 0; second < 3600; second++)
        {
            bucket.Add(1_000_000_000_001);
        }

        var scale = new BucketScale(MetricCatalog.Get(Metric.PowerViolation));

        Assert.Equal(3_600_000_000_003_600, scale.Unpack(scale.Pack(bucket)).Sum);
    }

    [Fact]
    public void An_empty_bucket_stays_empty_and_every_other_does_not()
    {
        var scale = new BucketScale(MetricCatalog.Get(Metric.GpuTemp));

        Assert.True(scale.Pack(default).IsEmpty);
        Assert.Equal(default, scale.Unpack(default));
        Assert.False(scale.Pack(Of([0])).IsEmpty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(0.00390625)]
    [InlineData(9007199254740992)]
    public void A_small_float_keeps_integers_and_powers_of_two(double value) =>
        Assert.Equal(value, SmallFloat.Decode(SmallFloat.Encode(value)));

    private static Bucket Kept(Metric metric, double value)
    {
        var scale = new BucketScale(MetricCatalog.Get(metric));
        return scale.Unpack(scale.Pack(Of([value, value])));
    }

    private static Bucket Of(IEnumerable<double> values)
    {
        var bucket = default(Bucket);
        foreach (var value in values)
        {
            bucket.Add(value);
        }

        return bucket;
    }
}
