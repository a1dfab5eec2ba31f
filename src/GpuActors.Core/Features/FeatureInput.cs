using GpuActors.Core.Metrics;

namespace GpuActors.Core.Features;

/// <summary>
/// What the features of one GPU at one time are computed from: seven days of complete hours, the newest values, the XIDs, and asset facts.
/// A live GPU, a replay of stored samples and the simulator each fill one; everything after that is <see cref="FeatureExtractor"/>. Values
/// are float32, as the columns of the database, so that live and stored telemetry give the same features. A buffer that is filled anew for
/// each GPU; not thread-safe.
/// </summary>
public sealed class FeatureInput
{
    /// <summary>Complete hours that features look back on: seven days.</summary>
    public const int Hours = 168;

    /// <summary>Milliseconds of an hour.</summary>
    public const long HourMs = 3_600_000;

    private const int Columns = (int)HourlyValue.OtherXids + 1;

    private readonly float[] _hours = new float[Columns * Hours];
    private readonly float[] _readings = new float[MetricCatalog.Count];
    private readonly float[] _xids = new float[XidClasses.Count];
    private readonly long[] _lastXidMs = new long[XidClasses.Count];

    /// <summary>Creates an input without values.</summary>
    public FeatureInput() => Clear(0);

    /// <summary>Time of the features, Unix milliseconds. The last complete hour is the one that ends at or before it.</summary>
    public long TimeMs { get; private set; }

    /// <summary>Number of the hour after the last complete one, since 1970.</summary>
    public long EndHour => TimeMs / HourMs;

    /// <summary>Asset facts; unknown until set.</summary>
    public AssetFacts Facts { get; set; }

    /// <summary>Values of the complete hours, the oldest first and the newest last; NaN is missing.</summary>
    public Span<float> this[HourlyValue value] => _hours.AsSpan((int)value * Hours, Hours);

    /// <summary>Newest value of a metric; NaN if it is missing.</summary>
    public ref float this[Metric metric] => ref _readings[(int)metric];

    /// <summary>Empties the input.</summary>
    /// <param name="timeMs">Time of the features, Unix milliseconds.</param>
    public void Clear(long timeMs)
    {
        TimeMs = timeMs;
        Facts = AssetFacts.Unknown;
        Array.Fill(_hours, float.NaN);
        Array.Fill(_readings, float.NaN);
        Array.Clear(_xids);
        Array.Fill(_lastXidMs, long.MinValue);
    }

    /// <summary>Adds XIDs of the whole time that is known. Later ones than <see cref="TimeMs"/> are ignored.</summary>
    /// <param name="code">The XID.</param>
    /// <param name="count">How often it occurred.</param>
    /// <param name="lastMs">When it occurred last, Unix milliseconds.</param>
    public void AddXids(int code, long count, long lastMs)
    {
        if (lastMs > TimeMs)
        {
            return;
        }

        var xids = (int)XidClasses.Of(code);
        _xids[xids] += count;
        _lastXidMs[xids] = Math.Max(_lastXidMs[xids], lastMs);
    }

    /// <summary>XIDs of a class over the whole time that is known.</summary>
    internal float Xids(XidClass xids) => _xids[(int)xids];

    /// <summary>Days since the last XID of a class; NaN if none is known.</summary>
    internal float DaysSince(XidClass xids) =>
        _lastXidMs[(int)xids] is var last && last == long.MinValue ? float.NaN : (TimeMs - last) / (24f * HourMs);
}
