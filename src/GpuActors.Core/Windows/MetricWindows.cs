using System.Collections.Immutable;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Windows;

/// <summary>
/// Rolling statistics of one GPU: per windowed metric 1-minute buckets over an hour and 1-hour buckets over seven days. Counters enter by
/// their increases. A full set is about 130 KB per GPU after seven days and about 2 KB in the first minutes.
/// </summary>
public sealed class MetricWindows
{
    private const long MinuteMs = 60_000,
        HourMs = 3_600_000;
    private const int Minutes = 60,
        Hours = 7 * 24;

    private readonly BucketSeries[] _minutes = Windowed.Select(_ => new BucketSeries(MinuteMs, Minutes)).ToArray();
    private readonly BucketSeries[] _hours = Windowed.Select(_ => new BucketSeries(HourMs, Hours)).ToArray();

    /// <summary>Metrics that have windows: what rules and features look back on.</summary>
    public static ImmutableArray<Metric> Windowed { get; } =
    [
        Metric.GpuTemp,
        Metric.MemoryTemp,
        Metric.PowerUsage,
        Metric.GpuUtilization,
        Metric.MemCopyUtilization,
        Metric.SmClock,
        Metric.FbUsed,
        Metric.SmActive,
        Metric.TensorActive,
        Metric.DramActive,
        Metric.EccSbeVolatile,
        Metric.PcieReplayCounter,
    ];

    /// <summary>Those of them whose values enter as they are; counters enter by their increases.</summary>
    public static ImmutableArray<Metric> WindowedGauges { get; } = [.. Windowed.Where(m => MetricCatalog.Get(m).Kind == MetricKind.Gauge)];

    // Static fields are made in the order of the text: these read the ones above.
    private static readonly sbyte[] IndexOf = Indexes();

    /// <summary>Values that came later than seven days after their time.</summary>
    public long TooLate { get; private set; }

    /// <summary>Takes a value of a windowed metric; NaN is passed over.</summary>
    public void Add(Metric metric, long timeMs, double value)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        var i = IndexOf[(int)metric];
        _ = _minutes[i].Add(timeMs, value);
        TooLate += _hours[i].Add(timeMs, value) ? 0 : 1;
    }

    /// <summary>The values of the last <paramref name="minutes"/> minutes (at most 60), the current one included.</summary>
    public Bucket LastMinutes(Metric metric, int minutes, long nowMs) =>
        _minutes[IndexOf[(int)metric]].Last(Math.Min(minutes, Minutes), nowMs);

    /// <summary>The values of the last <paramref name="hours"/> hours (at most 168), the current one included.</summary>
    public Bucket LastHours(Metric metric, int hours, long nowMs) => _hours[IndexOf[(int)metric]].Last(Math.Min(hours, Hours), nowMs);

    /// <summary>
    /// How many of the last <paramref name="minutes"/> minutes (at most 60), the current one included, hold values: what windows can't
    /// know.
    /// </summary>
    public int CoveredMinutes(Metric metric, int minutes, long nowMs) =>
        _minutes[IndexOf[(int)metric]].Covered(Math.Min(minutes, Minutes), nowMs);

    /// <summary>Hours since 1970 with their means, oldest first: the complete hours of the last seven days that hold values.</summary>
    public List<(long Hour, double Mean)> HourlyMeans(Metric metric, long nowMs) => _hours[IndexOf[(int)metric]].Means(nowMs);

    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(TooLate);
        writer.Write7BitEncodedInt(Windowed.Length);
        for (var i = 0; i < Windowed.Length; i++)
        {
            writer.Write(MetricCatalog.Get(Windowed[i]).Name);
            _minutes[i].Save(writer);
            _hours[i].Save(writer);
        }
    }

    internal void Load(BinaryReader reader)
    {
        TooLate = reader.Read7BitEncodedInt64();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            // A metric that has lost its windows since the snapshot is read and dropped.
            var index = MetricCatalog.ByName.TryGetValue(reader.ReadString(), out var metric) ? IndexOf[(int)metric.Metric] : -1;
            (index < 0 ? new BucketSeries(MinuteMs, Minutes) : _minutes[index]).Load(reader);
            (index < 0 ? new BucketSeries(HourMs, Hours) : _hours[index]).Load(reader);
        }
    }

    private static sbyte[] Indexes()
    {
        var indexes = new sbyte[MetricCatalog.Count];
        Array.Fill(indexes, (sbyte)-1);
        for (var i = 0; i < Windowed.Length; i++)
        {
            indexes[(int)Windowed[i]] = (sbyte)i;
        }

        return indexes;
    }
}
