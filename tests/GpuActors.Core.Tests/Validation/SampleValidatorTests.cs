using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Core.Tests.Validation;

public sealed class SampleValidatorTests
{
    private readonly GpuRegistry _registry = new();
    private readonly SampleValidator _validator = new(new ValidationSettings());

    [Fact]
    public void Plausible_samples_pass_unchanged() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                values =>
                {
                    var sample = Given.Sample(_registry);
                    values.CopyTo(sample.Values);
                    var usable = MetricCatalog.All.Any(m =>
                        !double.IsNaN(values[(int)m.Metric]) && !(m.ZeroIsMissing && values[(int)m.Metric] == 0)
                    );

                    Assert.Equal(usable ? RejectReason.None : RejectReason.NoMetrics, _validator.Validate(sample, Given.NoonMs));
                    foreach (var metric in MetricCatalog.All)
                    {
                        var before = values[(int)metric.Metric];
                        Assert.Equal(metric.ZeroIsMissing && before == 0 ? double.NaN : before, sample[metric.Metric]);
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure);

    // DCGM's blank sentinels as printed on a page: INT32 (0x7ffffff0 blank, f1 not found, f2 not supported, f3 not permissioned), FP64,
    // INT64. A blank has the type of DCGM's field, and the column here may be wider.
    [Theory]
    [InlineData(2147483632)]
    [InlineData(2147483633)]
    [InlineData(2147483634)]
    [InlineData(2147483635)]
    [InlineData(140737488355328)]
    [InlineData(140737488355330)]
    [InlineData(9223372036854775792)]
    [InlineData(9223372036854775794)]
    [InlineData(1.8446744073709552e19)]
    public void A_blank_sentinel_is_missing_for_every_metric(double blank)
    {
        foreach (var metric in MetricCatalog.All)
        {
            var sample = Given.Sample(_registry, (metric.Metric, blank), (Metric.GpuTemp, metric.Metric == Metric.GpuTemp ? blank : 61));
            _ = _validator.Validate(sample, Given.NoonMs);
            Assert.True(sample.Get(metric.Metric) is null, metric.Name);
        }
    }

    [Theory]
    [InlineData(Metric.GpuTemp, 82505)]
    [InlineData(Metric.GpuTemp, -1)]
    [InlineData(Metric.GpuUtilization, 101)]
    [InlineData(Metric.SmActive, 1.5)]
    [InlineData(Metric.PowerUsage, double.PositiveInfinity)]
    [InlineData(Metric.ThrottleReasons, -1)]
    [InlineData(Metric.MemoryTemp, 0)]
    public void Implausible_values_become_missing_and_are_counted_per_metric(Metric metric, double value)
    {
        var sample = Given.Sample(_registry, (Metric.FbUsed, 512), (metric, value));

        Assert.Equal(RejectReason.None, _validator.Validate(sample, Given.NoonMs));
        Assert.Null(sample.Get(metric));
        Assert.Equal(512, sample[Metric.FbUsed]);
        Assert.Equal((1L, 1L), (_validator.Implausible[(int)metric], _validator.ImplausibleTotal));
    }

    [Fact]
    public void A_sample_without_a_plausible_value_is_rejected()
    {
        Assert.Equal(RejectReason.NoMetrics, _validator.Validate(Given.Sample(_registry, (Metric.GpuTemp, 82505)), Given.NoonMs));
        Assert.Contains("'m'", _validator.LastDetail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, RejectReason.None)]
    [InlineData(5 * 60, RejectReason.None)]
    [InlineData((5 * 60) + 1, RejectReason.TimeInFuture)]
    [InlineData(-7 * 86400, RejectReason.None)]
    [InlineData((-7 * 86400) - 1, RejectReason.TimeTooOld)]
    public void The_time_of_a_sample_is_compared_with_the_brokers_clock(int seconds, RejectReason reason)
    {
        var sample = Given.Sample(_registry, (Metric.GpuTemp, 61));
        Assert.Equal(reason, _validator.Validate(sample, Given.NoonMs - (seconds * 1000L)));
        Assert.True(reason == RejectReason.None || _validator.LastDetail.Contains("gpu-actors.validation.max-a", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_out_of_range_are_rejected() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampleValidator(new ValidationSettings { MaxAge = TimeSpan.Zero }));

    [Theory]
    [InlineData(long.MaxValue, RejectReason.TimeTooOld)]
    [InlineData(long.MinValue, RejectReason.TimeInFuture)]
    [InlineData(-1, RejectReason.TimeInFuture)]
    public void A_record_timestamp_may_have_any_value(long appendTimeMs, RejectReason reason)
    {
        var validator = new SampleValidator(new ValidationSettings());

        Assert.Equal(reason, validator.Validate(Given.Sample(new GpuRegistry(), (Metric.GpuTemp, 61)), appendTimeMs));
    }
}
