using System.Collections.Immutable;
using GpuActors.Core.Metrics;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The increase of each counter of a GPU from one sample to the next. The first value of a counter is a baseline, since its errors may be
/// years old. A value far below the last one means that the counter has started anew: the whole value is new. A value that is only a little
/// lower comes from an older page (a second replica behind one address, a cache): it means nothing, and the next value is compared with the
/// highest one, as it is after missing values.
/// </summary>
internal sealed class CounterIncreases
{
    private static readonly ImmutableArray<Metric> Counted =
    [
        Metric.EnergyConsumption,
        Metric.EccSbeVolatile,
        Metric.EccDbeVolatile,
        Metric.PcieReplayCounter,
        Metric.NvlinkReplayErrors,
        Metric.NvlinkRecoveryErrors,
        Metric.NvlinkCrcFlitErrors,
        Metric.NvlinkCrcDataErrors,
        Metric.NvlinkRxErrors,
        Metric.NvlinkIntegrityErrors,
        Metric.NvlinkRecoveryFailures,
        Metric.RetiredPagesDbe,
        Metric.CorrectableRemappedRows,
        Metric.UncorrectableRemappedRows,
    ];

    private const int Energy = 0,
        Sbe = 1,
        Dbe = 2;

    private static readonly sbyte[] IndexOf = Indexes();

    // More than any product may draw (a GB300 1.4 kW), in mJ per ms, and what clocks and scrapes may be off.
    private const double MostMillijoulesPerMs = 2_000;
    private const long EnergySlackMs = 10_000;

    private readonly double[] _last = Missing();
    private readonly double[] _increase = Missing();
    private long _energyMs; // Time of the last energy value.

    /// <summary>
    /// True when the last sample shows that the driver was reloaded: the energy counter has fallen to what a GPU can have used since its
    /// last value, or, where there is no such counter, a volatile error counter has started anew.
    /// </summary>
    public bool DriverReloaded { get; private set; }

    /// <summary>Increase of a counter with the last sample; NaN when it is missing or a baseline.</summary>
    public double this[Metric counter] => _increase[IndexOf[(int)counter]];

    /// <summary>Takes a sample's values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="timeMs">Sample time, Unix milliseconds.</param>
    public void Take(ReadOnlySpan<double> values, long timeMs)
    {
        var fell = 0;
        for (var i = 0; i < Counted.Length; i++)
        {
            var value = Math.Round(values[(int)Counted[i]]); // As the column of the database.
            var last = _last[i];
            if (double.IsNaN(value))
            {
                _increase[i] = double.NaN;
                continue;
            }

            if (value < last && !IsAnew(i, value, timeMs))
            {
                _increase[i] = i == Energy ? double.NaN : 0;
                continue;
            }

            if (value < last)
            {
                fell |= 1 << i;
                _increase[i] = value;
            }
            else
            {
                _increase[i] = value - last; // NaN without a baseline.
            }

            _last[i] = value;
        }

        DriverReloaded =
            fell != 0
            && (
                (fell & (1 << Energy)) != 0
                || (double.IsNaN(values[(int)Metric.EnergyConsumption]) && (fell & ((1 << Sbe) | (1 << Dbe))) != 0)
            );
        if (DriverReloaded)
        {
            _increase[Energy] = double.NaN;
        }

        if (!double.IsNaN(values[(int)Metric.EnergyConsumption]))
        {
            _energyMs = timeMs;
        }
    }

    private bool IsAnew(int counter, double value, long timeMs) =>
        counter == Energy
            ? value <= (timeMs - _energyMs + EnergySlackMs) * MostMillijoulesPerMs
            : CounterIncrease.IsAnew(_last[counter], value);

    public void Save(BinaryWriter writer)
    {
        writer.Write(_energyMs);
        writer.Write7BitEncodedInt(Counted.Length);
        for (var i = 0; i < Counted.Length; i++)
        {
            writer.Write7BitEncodedInt(MetricCatalog.Get(Counted[i]).DcgmFieldId);
            CompactDouble.Write(writer, _last[i]);
        }
    }

    public void Load(BinaryReader reader)
    {
        _energyMs = reader.ReadInt64();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var index = MetricCatalog.ByField.TryGetValue(reader.Read7BitEncodedInt(), out var metric) ? IndexOf[(int)metric.Metric] : -1;
            var last = CompactDouble.Read(reader);
            if (index >= 0)
            {
                _last[index] = last;
            }
        }
    }

    private static double[] Missing()
    {
        var values = new double[Counted.Length];
        Array.Fill(values, double.NaN);
        return values;
    }

    private static sbyte[] Indexes()
    {
        var indexes = new sbyte[MetricCatalog.Count];
        Array.Fill(indexes, (sbyte)-1);
        for (var i = 0; i < Counted.Length; i++)
        {
            indexes[(int)Counted[i]] = (sbyte)i;
        }

        return indexes;
    }
}
