using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Validation;

/// <summary>
/// Makes implausible values missing and refuses samples whose time can't be right. A value is garbage when it is one of DCGM's blank
/// sentinels or lies outside the catalogue's range: it becomes missing and is counted for its metric, and the rest of the sample stays.
/// Not thread-safe: one per consumer thread.
/// </summary>
public sealed class SampleValidator
{
    // dcgm_structs.h: INT32 blank 0x7ffffff0 and up, FP64 blank 2^47 and up, INT64 blank 0x7ffffffffffffff0, which as a double is 2^63.
    private const double Int32Blank = 2147483632,
        Fp64Blank = 140737488355328,
        Int64Blank = 9.2e18;

    // The years 1 to 9999: where the topic keeps its producers' times, a record may say any number.
    private const long EarliestMs = -62_135_596_800_000,
        LatestMs = 253_402_300_799_999;

    private static readonly double[] Min = MetricCatalog.All.Select(m => m.Min).ToArray();
    private static readonly double[] Max = MetricCatalog.All.Select(Ceiling).ToArray();
    private static readonly bool[] ZeroIsMissing = MetricCatalog.All.Select(m => m.ZeroIsMissing).ToArray();

    private readonly ValidationSettings _settings;
    private readonly long _maxAgeMs;
    private readonly long _maxAheadMs;
    private readonly long[] _implausible = new long[MetricCatalog.Count];

    /// <summary>A validator by <paramref name="settings"/>.</summary>
    public SampleValidator(ValidationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        _settings = settings;
        _maxAgeMs = (long)settings.MaxAge.TotalMilliseconds;
        _maxAheadMs = (long)settings.MaxAhead.TotalMilliseconds;
    }

    /// <summary>What was wrong with the last sample that was refused.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>Values made missing so far, by <see cref="Metric"/>.</summary>
    public ReadOnlySpan<long> Implausible => _implausible;

    /// <summary>Values made missing so far, of all metrics.</summary>
    public long ImplausibleTotal { get; private set; }

    /// <summary>Cleans <paramref name="sample"/> and says whether it may go on.</summary>
    /// <param name="sample">A decoded sample.</param>
    /// <param name="appendTimeMs">When Kafka appended the record, in Unix milliseconds: the clock that a sample's time is held
    /// against.</param>
    public RejectReason Validate(GpuSample sample, long appendTimeMs)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var ahead = sample.TimeMs - Math.Clamp(appendTimeMs, EarliestMs, LatestMs);
        if (ahead > _maxAheadMs)
        {
            return Refuse(
                RejectReason.TimeInFuture,
                $"Member 'ts' is {TimeSpan.FromMilliseconds(ahead)} ahead of the broker's clock; gpu-actors.validation.max-ahead is {_settings.MaxAhead}"
            );
        }

        if (-ahead > _maxAgeMs)
        {
            return Refuse(
                RejectReason.TimeTooOld,
                $"Member 'ts' is {TimeSpan.FromMilliseconds(-ahead)} behind the broker's clock; gpu-actors.validation.max-age is {_settings.MaxAge}"
            );
        }

        return Clean(sample.Values)
            ? RejectReason.None
            : Refuse(RejectReason.NoMetrics, "Member 'm' holds no usable value of a metric that the catalogue has");
    }

    /// <summary>True for a value that says "no value" in DCGM's own way, whatever the metric.</summary>
    public static bool IsBlank(MetricDefinition metric, double value)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return metric.Column switch
        {
            ColumnType.BigInt => value >= Int64Blank,
            ColumnType.Real => value >= Fp64Blank || value is >= Int32Blank and <= int.MaxValue,
            _ => value >= Int32Blank,
        };
    }

    private bool Clean(Span<double> values)
    {
        var usable = false;
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (value >= Min[i] && value <= Max[i] && !(value == 0 && ZeroIsMissing[i]))
            {
                usable = true;
            }
            else if (!double.IsNaN(value))
            {
                values[i] = double.NaN;
                _implausible[i]++;
                ImplausibleTotal++;
            }
        }

        return usable;
    }

    // Every sentinel lies above the range of its metric but those of a 64-bit counter that happens to be read as a double.
    private static double Ceiling(MetricDefinition metric) =>
        IsBlank(metric, metric.Max)
            ? throw new InvalidOperationException($"The range of {metric.Name} includes a blank sentinel")
            : metric.Max;

    private RejectReason Refuse(RejectReason reason, string detail)
    {
        LastDetail = detail;
        return reason;
    }
}
