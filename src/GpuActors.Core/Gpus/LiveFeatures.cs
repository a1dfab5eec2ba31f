using System.Collections.Immutable;
using GpuActors.Core.Features;
using GpuActors.Core.Metrics;
using GpuActors.Core.Windows;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The inputs of features of a live GPU: what samples add to the tallies of their hour, and how everything becomes a <see
/// cref="FeatureInput"/>. A replay of the samples and XIDs from a week before the first complete hour on gives the same inputs, bit for
/// bit. Only samples that come after the end of their hour, and after later samples, are rounded otherwise in a replay in order of time.
/// </summary>
internal static class LiveFeatures
{
    // What a bit says of the time since the sample before. A longer gap is not known to be throttling.
    private const long MostBetweenSamplesMs = 120_000;

    private static readonly ImmutableArray<(HourTally From, HourlyValue Into, float PerUnit)> Tallies =
    [
        (HourTally.PowerCapMs, HourlyValue.PowerCapSeconds, 1000),
        (HourTally.SwThermalMs, HourlyValue.SwThermalSeconds, 1000),
        (HourTally.HwThermalMs, HourlyValue.HwThermalSeconds, 1000),
        (HourTally.PowerBrakeMs, HourlyValue.PowerBrakeSeconds, 1000),
        (HourTally.DbeErrors, HourlyValue.DbeErrors, 1),
        (HourTally.NvlinkCrcErrors, HourlyValue.NvlinkCrcErrors, 1),
        (HourTally.NvlinkReplays, HourlyValue.NvlinkReplays, 1),
        (HourTally.NvlinkRecoveries, HourlyValue.NvlinkRecoveries, 1),
        (HourTally.RemappedRows, HourlyValue.RemappedRows, 1),
        (HourTally.MemoryXids, HourlyValue.MemoryXids, 1),
        (HourTally.InterconnectXids, HourlyValue.InterconnectXids, 1),
        (HourTally.ApplicationXids, HourlyValue.ApplicationXids, 1),
        (HourTally.OtherXids, HourlyValue.OtherXids, 1),
    ];

    /// <summary>Adds the newest sample to the tallies of its hour.</summary>
    public static void Tally(GpuReadings gpu, MetricWindows windows)
    {
        var mask = gpu[Metric.ThrottleReasons];
        if (!double.IsNaN(mask))
        {
            var ms = Math.Min(gpu.ElapsedMs, MostBetweenSamplesMs);
            var bits = (int)mask;
            windows.Tally(HourTally.PowerCapMs, gpu.TimeMs, (bits & ThrottleBits.SwPowerCap) != 0 ? ms : 0);
            windows.Tally(HourTally.SwThermalMs, gpu.TimeMs, (bits & ThrottleBits.SwThermal) != 0 ? ms : 0);
            windows.Tally(HourTally.HwThermalMs, gpu.TimeMs, (bits & ThrottleBits.HwThermal) != 0 ? ms : 0);
            windows.Tally(HourTally.PowerBrakeMs, gpu.TimeMs, (bits & ThrottleBits.PowerBrake) != 0 ? ms : 0);
        }

        var more = gpu.Increases;
        windows.Tally(HourTally.DbeErrors, gpu.TimeMs, more[Metric.EccDbeVolatile]);
        windows.Tally(HourTally.NvlinkCrcErrors, gpu.TimeMs, Sum(more[Metric.NvlinkCrcFlitErrors], more[Metric.NvlinkCrcDataErrors]));
        windows.Tally(HourTally.NvlinkReplays, gpu.TimeMs, more[Metric.NvlinkReplayErrors]);
        windows.Tally(HourTally.NvlinkRecoveries, gpu.TimeMs, more[Metric.NvlinkRecoveryErrors]);
        windows.Tally(
            HourTally.RemappedRows,
            gpu.TimeMs,
            Sum(more[Metric.CorrectableRemappedRows], more[Metric.UncorrectableRemappedRows])
        );
    }

    /// <summary>Fills an input: complete hours, newest values, XIDs. Asset facts are left unknown.</summary>
    public static void Fill(FeatureInput input, long nowMs, GpuReadings gpu, MetricWindows windows, XidLedger xids)
    {
        input.Clear(nowMs);
        var first = input.EndHour - FeatureInput.Hours;
        for (var i = 0; i < FeatureInput.Hours; i++)
        {
            FillHour(input, i, first + i, windows);
        }

        windows.ForEachTally(
            first,
            input.EndHour,
            (input, first),
            static (into, tally, hour, amount) =>
            {
                var (_, value, perUnit) = Tallies[(int)tally];
                into.input[value][(int)(hour - into.first)] = (float)amount / perUnit;
            }
        );
        foreach (var metric in MetricCatalog.All)
        {
            var value = gpu[metric.Metric];
            input[metric.Metric] = (float)(metric.IsInteger ? Math.Round(value) : value);
        }

        foreach (var xid in xids.Records)
        {
            input.AddXids(xid.Code, xid.Count, xid.LastMs);
        }
    }

    private static void FillHour(FeatureInput input, int i, long hour, MetricWindows windows)
    {
        var temp = windows.HourOf(Metric.GpuTemp, hour);
        var memory = windows.HourOf(Metric.MemoryTemp, hour);
        var power = windows.HourOf(Metric.PowerUsage, hour);
        input[HourlyValue.GpuTempMean][i] = (float)temp.Mean;
        input[HourlyValue.GpuTempDeviation][i] = (float)temp.StandardDeviation;
        input[HourlyValue.GpuTempMax][i] = Max(temp);
        input[HourlyValue.MemoryTempMean][i] = (float)memory.Mean;
        input[HourlyValue.MemoryTempMax][i] = Max(memory);
        input[HourlyValue.PowerMean][i] = (float)power.Mean;
        input[HourlyValue.PowerDeviation][i] = (float)power.StandardDeviation;
        input[HourlyValue.PowerMax][i] = Max(power);
        input[HourlyValue.UtilizationMean][i] = (float)windows.HourOf(Metric.GpuUtilization, hour).Mean;
        input[HourlyValue.SmClockMean][i] = (float)windows.HourOf(Metric.SmClock, hour).Mean;
        input[HourlyValue.SmActiveMean][i] = (float)windows.HourOf(Metric.SmActive, hour).Mean;
        input[HourlyValue.SbeErrors][i] = Total(windows.HourOf(Metric.EccSbeVolatile, hour));
        input[HourlyValue.PcieReplays][i] = Total(windows.HourOf(Metric.PcieReplayCounter, hour));
        if (windows.HasSamples(hour))
        {
            foreach (var (tally, into, _) in Tallies)
            {
                input[into][i] = windows.IsReported(tally, hour) ? 0 : float.NaN;
            }
        }
    }

    private static float Max(in Bucket bucket) => bucket.Count == 0 ? float.NaN : (float)bucket.Max;

    private static float Total(in Bucket bucket) => bucket.Count == 0 ? float.NaN : (float)bucket.Sum;

    // Exporters may publish only one of the two.
    private static double Sum(double one, double other) =>
        double.IsNaN(one) ? other
        : double.IsNaN(other) ? one
        : one + other;
}
