using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Validation;

/// <summary>
/// Replaces implausible values by NaN (missing) and rejects samples whose time is implausible. A value is implausible if it is one of
/// DCGM's blank sentinels or lies outside the metric's range in the catalogue. Each replaced value is counted for its metric; the other
/// values of the sample are kept. Not thread-safe: use one instance per consumer thread.
/// </summary>
public sealed class SampleValidator
{
    // dcgm_structs.h: INT32 blank 0x7ffffff0 and up, FP64 blank 2^47 and up, INT64 blank 0x7ffffffffffffff0, which as a double is 2^63.
    private const double Int32Blank = 2147483632,
        Fp64Blank = 140737488355328,
        Int64Blank = 9.2e18;

    // The range of DateTime (years 1 to 9999). If the topic uses the producers' timestamps, a record's timestamp can be any number.
    private const long EarliestMs = -62_135_596_800_000,
        LatestMs = 253_402_300_799_999;

    private static readonly double[] Min = MetricCatalog.All.Select(m => m.Min).ToArray();
    private static readonly double[] Max = MetricCatalog.All.Select(Ceiling).ToArray();
    private static readonly bool[] ZeroIsMissing = MetricCatalog.All.Select(m => m.ZeroIsMissing).ToArray();

    private readonly ValidationSettings _settings;
    private readonly long _maxAgeMs;
    private readonly long _maxAheadMs;
    private readonly long[] _implausible = new long[MetricCatalog.Count];

    /// <summary>Creates a validator with the given limits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range (<see cref="ValidationSettings.Validate"/>).</exception>
    public SampleValidator(ValidationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        _settings = settings;
        _maxAgeMs = (long)settings.MaxAge.TotalMilliseconds;
        _maxAheadMs = (long)settings.MaxAhead.TotalMilliseconds;
    }

    /// <summary>A sentence that says why the last rejected sample was rejected; empty before the first rejection.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>Number of values replaced by NaN so far, indexed by <see cref="Metric"/>.</summary>
    public ReadOnlySpan<long> Implausible => _implausible;

    /// <summary>Number of values replaced by NaN so far, over all metrics.</summary>
    public long ImplausibleTotal { get; private set; }

    /// <summary>Replaces the implausible values of <paramref name="sample"/> and checks its time.</summary>
    /// <param name="sample">A decoded sample; modified in place.</param>
    /// <param name="appendTimeMs">Time at which Kafka appended the record, in Unix milliseconds. The sample's time is compared with
    /// it.</param>
    /// <returns><see cref="RejectReason.None"/> if the sample is valid; otherwise the reason, with a sentence in
    /// <see cref="LastDetail"/>.</returns>
    public RejectReason Validate(GpuSample sample, long appendTimeMs)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var ahead = sample.TimeMs - Math.Clamp(appendTimeMs, EarliestMs, LatestMs);
        if (ahead > _maxAheadMs)
        {
            return Refuse(
                RejectReason.TimeInFuture,
                $"Member 'ts' is {TimeSpan.FromMilliseconds(ahead)} ahead of the broker's clock; "
                    + $"gpu-actors.validation.max-ahead allows {_settings.MaxAhead}"
            );
        }

        if (-ahead > _maxAgeMs)
        {
            return Refuse(
                RejectReason.TimeTooOld,
                $"Member 'ts' is {TimeSpan.FromMilliseconds(-ahead)} behind the broker's clock; "
                    + $"gpu-actors.validation.max-age allows {_settings.MaxAge}"
            );
        }

        return Clean(sample.Values)
            ? RejectReason.None
            : Refuse(RejectReason.NoMetrics, "Member 'm' has no plausible value of a metric in the catalogue");
    }

    /// <summary>True if the value is one of DCGM's blank sentinels, which stand for "no value".</summary>
    public static bool IsBlank(MetricDefinition metric, double value)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return metric.Column switch
        {
            ColumnType.BigInt => value >= Int64Blank || IsBlankWithinRange(value),
            ColumnType.Real => value >= Fp64Blank || value is >= Int32Blank and <= int.MaxValue,
            _ => value >= Int32Blank,
        };
    }

    // Blank, not found, not supported, no permission. An exporter prints the blank of the field's own type, whatever column it has here.
    private static bool IsBlankWithinRange(double value) => IsBlankFrom(Int32Blank, value) || IsBlankFrom(Fp64Blank, value);

    private static bool IsBlankFrom(double blank, double value) => value >= blank && value <= blank + 3;

    private bool Clean(Span<double> values)
    {
        var usable = false;
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            var isInRange = value >= Min[i] && value <= Max[i] && !(value == 0 && ZeroIsMissing[i]);
            if (isInRange && !(value >= Int32Blank && IsBlankWithinRange(value)))
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

    // Checking the range also excludes the sentinels of the metric's own type, because they lie above its range.
    private static double Ceiling(MetricDefinition metric) =>
        IsBlank(metric, metric.Max)
            ? throw new InvalidOperationException(
                $"Max of metric {metric.Name} = {metric.Max}: the range includes a blank sentinel; lower Max in MetricCatalog"
            )
            : metric.Max;

    private RejectReason Refuse(RejectReason reason, string detail)
    {
        LastDetail = detail;
        return reason;
    }
}
