using GpuActors.Core.Features;
using GpuActors.Core.Metrics;

namespace GpuActors.Simulation.Failures;

/// <summary>
/// The telemetry of a simulated GPU as an input of features, as the GPU's live state would fill it: the hours before a cut and nothing
/// later. It keeps a buffer: use one per thread.
/// </summary>
public sealed class LifeFeatures
{
    private static readonly (HourColumn From, HourlyValue Into)[] Copied =
    [
        (HourColumn.GpuTempMean, HourlyValue.GpuTempMean),
        (HourColumn.GpuTempDeviation, HourlyValue.GpuTempDeviation),
        (HourColumn.GpuTempMax, HourlyValue.GpuTempMax),
        (HourColumn.MemoryTempMean, HourlyValue.MemoryTempMean),
        (HourColumn.MemoryTempMax, HourlyValue.MemoryTempMax),
        (HourColumn.PowerMean, HourlyValue.PowerMean),
        (HourColumn.PowerDeviation, HourlyValue.PowerDeviation),
        (HourColumn.PowerMax, HourlyValue.PowerMax),
        (HourColumn.UtilizationMean, HourlyValue.UtilizationMean),
        (HourColumn.SmClockMean, HourlyValue.SmClockMean),
        (HourColumn.SmActiveMean, HourlyValue.SmActiveMean),
        (HourColumn.PowerCapSeconds, HourlyValue.PowerCapSeconds),
        (HourColumn.SwThermalSeconds, HourlyValue.SwThermalSeconds),
        (HourColumn.HwThermalSeconds, HourlyValue.HwThermalSeconds),
        (HourColumn.PowerBrakeSeconds, HourlyValue.PowerBrakeSeconds),
    ];

    private static readonly (HourColumn From, HourlyValue Into)[] Counted =
    [
        (HourColumn.SbeVolatile, HourlyValue.SbeErrors),
        (HourColumn.DbeVolatile, HourlyValue.DbeErrors),
        (HourColumn.PcieReplays, HourlyValue.PcieReplays),
        (HourColumn.NvlinkCrc, HourlyValue.NvlinkCrcErrors),
        (HourColumn.NvlinkReplays, HourlyValue.NvlinkReplays),
        (HourColumn.NvlinkRecoveries, HourlyValue.NvlinkRecoveries),
    ];

    private static readonly (HourColumn From, Metric Into)[] Newest =
    [
        (HourColumn.SbeAggregate, Metric.EccSbeAggregate),
        (HourColumn.DbeAggregate, Metric.EccDbeAggregate),
        (HourColumn.SramDbeAggregate, Metric.EccSramDbeAggregate),
        (HourColumn.SramThreshold, Metric.SramThresholdExceeded),
        (HourColumn.CorrectableRows, Metric.CorrectableRemappedRows),
        (HourColumn.UncorrectableRows, Metric.UncorrectableRemappedRows),
        (HourColumn.RemapPending, Metric.RowRemapPending),
        (HourColumn.RemapFailed, Metric.RowRemapFailure),
        (HourColumn.BanksMax, Metric.BankRemapAvailMax),
        (HourColumn.BanksHigh, Metric.BankRemapAvailHigh),
        (HourColumn.BanksPartial, Metric.BankRemapAvailPartial),
        (HourColumn.BanksLow, Metric.BankRemapAvailLow),
        (HourColumn.BanksNone, Metric.BankRemapAvailNone),
    ];

    private readonly LifeSimulator _simulator;
    private readonly LifeHours _hours = new();

    /// <summary>Creates a source of inputs.</summary>
    /// <param name="simulator">The simulator of the GPUs.</param>
    public LifeFeatures(LifeSimulator simulator)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        _simulator = simulator;
    }

    /// <summary>Fills an input with what is known of a GPU at a cut. Facts of the GPU's batch are left unknown.</summary>
    /// <param name="life">A GPU of the simulator.</param>
    /// <param name="cut">The cut in hours since the start of the simulation, from 1 to its length.</param>
    /// <param name="input">Receives the values.</param>
    public void Fill(GpuLife life, int cut, FeatureInput input)
    {
        ArgumentNullException.ThrowIfNull(life);
        ArgumentNullException.ThrowIfNull(input);
        input.Clear(TimeMs(cut));
        var first = cut - FeatureInput.Hours;
        // One hour more, from which the counters of the first hour increase.
        var from = Math.Max(0, first - 1);
        _simulator.WriteHours(life, from, cut, _hours);
        foreach (var (column, into) in Copied)
        {
            _hours[column][Math.Max(0, first - from)..].CopyTo(input[into][(Math.Max(first, from) - first)..]);
        }

        foreach (var (column, into) in Counted)
        {
            Increases(_hours[column], first - from, input[into]);
        }

        Rows(first - from, input[HourlyValue.RemappedRows]);
        foreach (var (column, into) in Newest)
        {
            input[into] = _hours[column][^1];
        }

        Xids(life, cut, first, input);
        input.Facts = Facts(life, cut);
    }

    private long TimeMs(double hour) => _simulator.Settings.StartMs + (long)(hour * FeatureInput.HourMs);

    // As a live GPU counts: a value that is only a little lower changes nothing, and the next is compared with the highest.
    private static void Increases(ReadOnlySpan<float> counter, int first, Span<float> into)
    {
        var last = float.NaN;
        for (var i = 0; i < counter.Length; i++)
        {
            var value = counter[i];
            if (float.IsNaN(value))
            {
                continue;
            }

            var isAnew = value < last && CounterIncrease.IsAnew(last, value);
            var increase =
                float.IsNaN(last) ? 0
                : isAnew ? value
                : Math.Max(0, value - last);
            last = isAnew || float.IsNaN(last) ? value : Math.Max(last, value);
            if (i >= first)
            {
                into[i - first] = increase;
            }
        }
    }

    private void Rows(int first, Span<float> into)
    {
        var corrected = _hours[HourColumn.CorrectableRows];
        var uncorrectable = _hours[HourColumn.UncorrectableRows];
        var last = float.NaN;
        for (var i = 0; i < corrected.Length; i++)
        {
            var rows = corrected[i] + uncorrectable[i];
            if (i >= first && !float.IsNaN(rows))
            {
                into[i - first] = float.IsNaN(last) ? 0 : Math.Max(0, rows - last);
            }

            last = float.IsNaN(rows) ? last : rows;
        }
    }

    private void Xids(GpuLife life, int cut, int first, FeatureInput input)
    {
        var power = input[HourlyValue.PowerMean];
        for (var xids = HourlyValue.MemoryXids; xids <= HourlyValue.OtherXids; xids++)
        {
            for (var i = 0; i < FeatureInput.Hours; i++)
            {
                input[xids][i] = float.IsNaN(power[i]) ? float.NaN : 0;
            }
        }

        foreach (var xid in life.Xids)
        {
            if (xid.Hour >= cut)
            {
                break;
            }

            input.AddXids(xid.Code, xid.Count, TimeMs(xid.Hour));
            if (xid.Hour >= first && xid.Hour >= 0)
            {
                ref var hour = ref input[HourlyValue.MemoryXids + (int)XidClasses.Of(xid.Code)][(int)xid.Hour - first];
                hour = (float.IsNaN(hour) ? 0 : hour) + xid.Count;
            }
        }
    }

    private static AssetFacts Facts(GpuLife life, double cut)
    {
        var (failures, last) = (0, double.NaN);
        foreach (var failure in life.Failures)
        {
            if (failure.Hour < cut)
            {
                failures++;
                last = failure.Hour;
            }
        }

        return new AssetFacts
        {
            AgeMonths = (float)((cut - life.InstalledHour) / 730),
            RackHeight = (float)life.Height,
            Failures = failures,
            DaysSinceFailure = (float)((cut - last) / 24),
        };
    }
}
