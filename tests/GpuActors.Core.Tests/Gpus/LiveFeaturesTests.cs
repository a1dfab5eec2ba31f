using GpuActors.Core.Features;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>The inputs of features that a live GPU fills. Noon is the begin of an hour.</summary>
public sealed class LiveFeaturesTests
{
    private const int Hour = 3600;
    private const int Last = FeatureInput.Hours - 1;
    private readonly FeatureInput _input = new();

    [Fact]
    public void Hours_are_complete_and_a_week_of_them_is_kept()
    {
        var gpu = new GpuTimeline();
        for (var hour = 0; hour < 200; hour++)
        {
            _ = gpu.At(hour * Hour, (Metric.GpuTemp, hour % 50), (Metric.PowerUsage, 300));
            _ = gpu.At((hour * Hour) + 1800, (Metric.GpuTemp, (hour % 50) + 2), (Metric.PowerUsage, 400));
        }

        // The newest hour is complete at its end, and also when the next one has begun.
        Fill(gpu, (199 * Hour) + 1801);
        Assert.Equal((198 % 50) + 1, _input[HourlyValue.GpuTempMean][Last]);
        Assert.Equal((31 % 50) + 1, _input[HourlyValue.GpuTempMean][0]);
        Assert.Equal(
            (350f, 50f, 400f),
            (_input[HourlyValue.PowerMean][0], _input[HourlyValue.PowerDeviation][0], _input[HourlyValue.PowerMax][0])
        );
        Fill(gpu, 200 * Hour);
        Assert.Equal(((199 % 50) + 1, (199 % 50) + 2), (_input[HourlyValue.GpuTempMean][Last], _input[HourlyValue.GpuTempMax][Last]));
        var before = _input[HourlyValue.PowerDeviation].ToArray();
        _ = gpu.At(200 * Hour, (Metric.GpuTemp, 1));
        Fill(gpu, 200 * Hour);
        Assert.Equal(before, _input[HourlyValue.PowerDeviation].ToArray());
    }

    [Fact]
    public void Long_after_the_last_sample_hours_are_missing_and_the_newest_values_and_xids_stay()
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(0, (Metric.GpuTemp, 60), (Metric.EccDbeAggregate, 7));
        gpu.Log(10, KernelLogKind.Xid, 48);

        Fill(gpu, 5 * Hour);
        Assert.Equal(60, _input[HourlyValue.GpuTempMean][Last - 4]);
        Assert.Equal((1f, float.NaN), (_input[HourlyValue.MemoryXids][Last - 4], _input[HourlyValue.MemoryXids][Last]));
        Fill(gpu, 1000 * Hour);
        Assert.All(Enum.GetValues<HourlyValue>(), value => Assert.All(_input[value].ToArray(), hour => Assert.Equal(float.NaN, hour)));
        Assert.Equal(7, _input[Metric.EccDbeAggregate]);
        Assert.Equal(1, Vector()[FeatureCatalog.IndexOf("memory_xids_life")]);
    }

    [Fact]
    public void Throttled_time_is_that_since_the_sample_before_and_a_gap_is_none()
    {
        var gpu = new GpuTimeline();
        foreach (var second in new[] { 3540, 3570, 3600, 3630 })
        {
            _ = gpu.At(second, (Metric.GpuTemp, 60), (Metric.ThrottleReasons, 0x24));
        }

        _ = gpu.At(3 * Hour, (Metric.GpuTemp, 60), (Metric.ThrottleReasons, 0xC0));
        Fill(gpu, 4 * Hour);

        Assert.Equal([30, 60, float.NaN, 0], _input[HourlyValue.SwThermalSeconds][^4..].ToArray());
        Assert.Equal([30, 60, float.NaN, 0], _input[HourlyValue.PowerCapSeconds][^4..].ToArray());
        Assert.Equal([0, 0, float.NaN, 120], _input[HourlyValue.HwThermalSeconds][^4..].ToArray());
        Assert.Equal([0, 0, float.NaN, 120], _input[HourlyValue.PowerBrakeSeconds][^4..].ToArray());
    }

    [Fact]
    public void Counters_enter_by_increases_and_those_that_are_not_reported_are_missing()
    {
        var gpu = new GpuTimeline();
        double[] dbe = [5, 5, 7, 1, 1],
            rows = [3, 4, 4, 4, 6],
            crc = [0, 0, 9, 9, double.NaN];
        for (var hour = 0; hour < dbe.Length; hour++)
        {
            _ = gpu.At(
                hour * Hour,
                (Metric.GpuTemp, 60),
                (Metric.EccDbeVolatile, dbe[hour]),
                (Metric.CorrectableRemappedRows, rows[hour]),
                (Metric.UncorrectableRemappedRows, 1),
                (Metric.NvlinkCrcDataErrors, crc[hour])
            );
        }

        Fill(gpu, dbe.Length * Hour);

        Assert.Equal([0, 0, 2, 1, 0], _input[HourlyValue.DbeErrors][^5..].ToArray());
        Assert.Equal([0, 1, 0, 0, 2], _input[HourlyValue.RemappedRows][^5..].ToArray());
        Assert.Equal([0, 0, 9, 0, float.NaN], _input[HourlyValue.NvlinkCrcErrors][^5..].ToArray());
        Assert.All(_input[HourlyValue.NvlinkRecoveries].ToArray(), hour => Assert.Equal(float.NaN, hour));
    }

    [Fact]
    public void Xids_are_counted_by_class_in_the_hour_of_their_line()
    {
        var gpu = new GpuTimeline();
        foreach (var hour in Enumerable.Range(0, 4).Where(hour => hour != 1))
        {
            _ = gpu.At(hour * Hour, (Metric.GpuTemp, 60));
        }

        gpu.Log((3 * Hour) + 1, KernelLogKind.Xid, 31);
        gpu.Log((3 * Hour) + 1, KernelLogKind.Xid, 119);
        gpu.Log(5000, KernelLogKind.Xid, 74); // Late, in an hour without samples.
        gpu.Log((2 * Hour) + 5, KernelLogKind.Xid, 63);
        gpu.Log((2 * Hour) + 900, KernelLogKind.Xid, 63);
        Fill(gpu, 4 * Hour);

        Assert.Equal([0, float.NaN, 2, 0], _input[HourlyValue.MemoryXids][^4..].ToArray());
        Assert.Equal([0, 1, 0, 0], _input[HourlyValue.InterconnectXids][^4..].ToArray());
        Assert.Equal([0, float.NaN, 0, 1], _input[HourlyValue.ApplicationXids][^4..].ToArray());
        Assert.Equal([0, float.NaN, 0, 1], _input[HourlyValue.OtherXids][^4..].ToArray());

        var kept = Vector();
        gpu.State = GpuState.Load(GpuId.Parse(Given.Gpu), gpu.State.Save());
        Fill(gpu, 4 * Hour);
        Assert.Equal(kept, Vector());
    }

    [Fact]
    public void A_sample_that_comes_late_within_its_hour_changes_no_bit()
    {
        int[][] orders =
        [
            [0, 60, 120, 180, 3700],
            [0, 120, 60, 180, 3700],
        ];
        var vectors = orders.Select(seconds =>
        {
            var gpu = new GpuTimeline();
            foreach (var second in seconds)
            {
                _ = gpu.At(second, (Metric.GpuTemp, 60 + (second % 7)), (Metric.PowerUsage, 300.123 + second), (Metric.SmActive, 0.9));
            }

            Fill(gpu, 2 * Hour);
            return Vector();
        });

        Assert.Single(vectors.Select(vector => string.Join(' ', vector)).Distinct());
    }

    [Fact]
    public void Values_count_as_the_database_has_them()
    {
        var (live, stored) = (new GpuTimeline(), new GpuTimeline());
        for (var second = 0; second < 3600; second += 10)
        {
            var watts = 300 + (second * 0.0123457);
            _ = live.At(second, (Metric.PowerUsage, watts), (Metric.SmActive, watts / 1000), (Metric.GpuUtilization, watts / 10));
            _ = stored.At(
                second,
                (Metric.PowerUsage, (float)watts),
                (Metric.SmActive, (float)(watts / 1000)),
                (Metric.GpuUtilization, Math.Round(watts / 10))
            );
        }

        Fill(live, Hour);
        var vector = Vector();
        Fill(stored, Hour);
        Assert.Equal(vector, Vector());
    }

    [Fact]
    public void What_was_lost_and_recovered_counts_as_if_it_had_never_been_lost()
    {
        GpuTimeline whole = new(),
            saved = new(),
            late = new();
        for (var i = 0; i < 1000; i++)
        {
            foreach (var gpu in new[] { whole, i < 500 ? saved : late })
            {
                _ = gpu.At(
                    i * 30,
                    (Metric.GpuTemp, 60),
                    (Metric.ThrottleReasons, i / 60 % 2 == 0 ? 0x4 : 0),
                    (Metric.EccDbeVolatile, i / 90)
                );
                if (i % 100 == 0)
                {
                    gpu.Log(i * 30, KernelLogKind.Xid, 31);
                }
            }
        }

        late.State.Recover(saved.State);
        Fill(whole, 9 * Hour);
        foreach (var value in new[] { HourlyValue.PowerCapSeconds, HourlyValue.DbeErrors, HourlyValue.ApplicationXids })
        {
            Fill(whole, 9 * Hour);
            var wanted = _input[value].ToArray();
            Fill(late, 9 * Hour);
            var sum = wanted.Where(hour => hour > 0).Sum();
            // The first sample after the loss is a baseline, with no time and no errors since the sample before.
            Assert.InRange(_input[value].ToArray().Where(hour => hour > 0).Sum(), sum - 30, sum);
            Assert.Equal(wanted.Count(float.IsNaN), _input[value].ToArray().Count(float.IsNaN));
        }
    }

    private void Fill(GpuTimeline gpu, int second) => gpu.State.FillFeatures(_input, Given.NoonMs + (second * 1000L));

    private float[] Vector()
    {
        var vector = new float[FeatureExtractor.Count];
        new FeatureExtractor().Extract(_input, vector);
        return vector;
    }
}
