using System.Collections.Immutable;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Windows;

/// <summary>
/// Rolling statistics of one GPU: per windowed metric the current minute with the 59 before it, and the current hour with the 168 before
/// it; and what hours have of rare events (<see cref="HourTally"/>). Counters enter by their increases. The current minute and hour are
/// kept in full; sample time closes them, and a closed one is rounded to 16 bytes at the resolution of the catalogue (<see
/// cref="BucketScale"/>). A value that comes late is added to its closed minute and hour. With 8 metrics a full set takes about 30 KB, and
/// each further metric 3.7 KB.
/// </summary>
/// <remarks>
/// Values are rounded as the database does, and then to the resolution of the catalogue: what is replayed from stored samples gives the
/// same windows, bit for bit.
/// </remarks>
public sealed partial class MetricWindows
{
    private const long MinuteMs = 60_000,
        HourMs = 3_600_000;
    private const int Minutes = 60,
        Hours = (7 * 24) + 1,
        MinutesPerHour = 60;

    private readonly BucketRows _minutes = new(Windowed.Length, Minutes - 1);
    private readonly BucketRows _hours = new(Windowed.Length, Hours - 1);
    private readonly HourTallies _tallies = new();

    // The current minute, and of the current hour what came before the current minute.
    private readonly Bucket[] _minute = new Bucket[Windowed.Length];
    private readonly Bucket[] _hour = new Bucket[Windowed.Length];
    private long _minuteNumber = -1;
    private long _minuteEndMs = long.MinValue;
    private long _newestMs = long.MinValue;

    /// <summary>Metrics that have windows: what rules and features look back on. The gauges come first.</summary>
    public static ImmutableArray<Metric> Windowed { get; } =
    [
        Metric.GpuTemp,
        Metric.MemoryTemp,
        Metric.PowerUsage,
        Metric.GpuUtilization,
        Metric.SmClock,
        Metric.SmActive,
        Metric.EccSbeVolatile,
        Metric.PcieReplayCounter,
    ];

    /// <summary>Those of them whose values enter as they are; counters enter by their increases.</summary>
    public static ImmutableArray<Metric> WindowedGauges { get; } = [.. Windowed.Where(m => MetricCatalog.Get(m).Kind == MetricKind.Gauge)];

    // Static fields are made in the order of the text: these read the ones above.
    private static readonly sbyte[] IndexOf = Indexes();
    private static readonly double[] StepsPerUnit = [.. Windowed.Select(metric => Math.Round(1 / MetricCatalog.Get(metric).Resolution))];
    private static readonly BucketScale[] Scales = [.. Windowed.Select(metric => new BucketScale(MetricCatalog.Get(metric)))];

    /// <summary>Values that came later than seven days after their time.</summary>
    public long TooLate { get; private set; }

    private long HourNumber => _minuteNumber / MinutesPerHour;

    /// <summary>Takes a value of a windowed metric; NaN is passed over.</summary>
    /// <param name="metric">One of <see cref="Windowed"/>.</param>
    /// <param name="timeMs">Sample time, Unix milliseconds.</param>
    /// <param name="value">The value of a gauge, or the increase of a counter.</param>
    public void Add(Metric metric, long timeMs, double value)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        var i = IndexOf[(int)metric];
        if (i < WindowedGauges.Length)
        {
            value = Math.Round((float)value * StepsPerUnit[i]) / StepsPerUnit[i];
        }

        if (timeMs < _newestMs)
        {
            AddLate(i, timeMs, value);
            return;
        }

        if (timeMs >= _minuteEndMs)
        {
            MoveTo(timeMs / MinuteMs);
        }

        _newestMs = timeMs;
        _minute[i].Add(value);
    }

    /// <summary>The values of the last <paramref name="minutes"/> minutes (at most 60), the current one included.</summary>
    public Bucket LastMinutes(Metric metric, int minutes, long nowMs)
    {
        var i = IndexOf[(int)metric];
        var newest = nowMs / MinuteMs;
        var oldest = newest - Math.Min(minutes, Minutes) + 1;
        var sum = Closed(_minutes, i, oldest, newest);
        if (_minuteNumber >= oldest && _minuteNumber <= newest)
        {
            sum.Add(_minute[i]);
        }

        return sum;
    }

    /// <summary>The values of the last <paramref name="hours"/> hours (at most 169), the current one included.</summary>
    public Bucket LastHours(Metric metric, int hours, long nowMs)
    {
        var i = IndexOf[(int)metric];
        var newest = nowMs / MinuteMs / MinutesPerHour;
        var oldest = newest - Math.Min(hours, Hours) + 1;
        var sum = Closed(_hours, i, oldest, newest);
        if (_minuteNumber >= 0 && HourNumber >= oldest && HourNumber <= newest)
        {
            sum.Add(_hour[i]);
            sum.Add(_minute[i]);
        }

        return sum;
    }

    /// <summary>
    /// How many of the last <paramref name="minutes"/> minutes (at most 60), the current one included, hold values: minutes without values
    /// are not in <see cref="LastMinutes"/>.
    /// </summary>
    public int CoveredMinutes(Metric metric, int minutes, long nowMs)
    {
        var i = IndexOf[(int)metric];
        var newest = nowMs / MinuteMs;
        var oldest = newest - Math.Min(minutes, Minutes) + 1;
        var covered = _minuteNumber >= oldest && _minuteNumber <= newest && _minute[i].Count > 0 ? 1 : 0;
        for (var number = Math.Max(oldest, _minutes.First); number < Math.Min(newest + 1, _minutes.End); number++)
        {
            covered += _minutes[number][i].IsEmpty ? 0 : 1;
        }

        return covered;
    }

    /// <summary>Hours since 1970 with their means, oldest first: the complete hours of the last seven days that hold values.</summary>
    public List<(long Hour, double Mean)> HourlyMeans(Metric metric, long nowMs)
    {
        var i = IndexOf[(int)metric];
        var current = nowMs / MinuteMs / MinutesPerHour;
        var means = new List<(long, double)>((int)(_hours.End - _hours.First) + 1);
        for (var hour = Math.Max(current - Hours + 1, _hours.First); hour < Math.Min(current, _hours.End); hour++)
        {
            if (_hours[hour][i] is { IsEmpty: false } packed)
            {
                means.Add((hour, Scales[i].Unpack(packed).Mean));
            }
        }

        // The newest sample may be hours old: then its hour is complete too.
        if (_minuteNumber >= 0 && HourNumber < current && LastHours(metric, 1, _newestMs) is { Count: > 0 } open)
        {
            means.Add((HourNumber, open.Mean));
        }

        return means;
    }

    /// <summary>Takes an amount of what hours are counted of; NaN is passed over.</summary>
    /// <param name="tally">What was counted.</param>
    /// <param name="timeMs">When, Unix milliseconds. Times more than a week before or after the newest sample are passed over.</param>
    /// <param name="amount">The amount; 0 says only that it was reported.</param>
    internal void Tally(HourTally tally, long timeMs, double amount)
    {
        var hour = timeMs / HourMs;
        if (_minuteNumber < 0)
        {
            _tallies.DropBefore(hour - Hours + 1);
        }
        else if (Math.Abs(hour - HourNumber) >= Hours)
        {
            return;
        }

        if (amount >= 0)
        {
            _tallies.Add(tally, hour, amount);
            if (amount > 0 && IsClosed(hour))
            {
                _changedHours.Add(hour);
            }
        }
    }

    /// <summary>Statistics of one hour, as they are when the hour is closed; empty without values.</summary>
    internal Bucket HourOf(Metric metric, long hour)
    {
        var i = IndexOf[(int)metric];
        if (hour == HourNumber && _minuteNumber >= 0)
        {
            var open = _hour[i];
            open.Add(_minute[i]);
            return Scales[i].Unpack(Scales[i].Pack(open));
        }

        return IsHeld(hour) ? Scales[i].Unpack(_hours[hour][i]) : default;
    }

    /// <summary>Whether an hour has a sample. Counters do not tell: their increases are spread over gaps.</summary>
    internal bool HasSamples(long hour)
    {
        var isOpen = hour == HourNumber && _minuteNumber >= 0;
        for (var i = 0; i < WindowedGauges.Length; i++)
        {
            if (isOpen ? _hour[i].Count + _minute[i].Count > 0 : IsHeld(hour) && !_hours[hour][i].IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a tally was reported in an hour or later: without an amount, an hour with samples then has 0 of it.</summary>
    internal bool IsReported(HourTally tally, long hour) => _tallies.IsReported(tally, hour);

    /// <summary>Calls <paramref name="take"/> for each amount above 0 of the hours from <paramref name="first"/> to before <paramref
    /// name="end"/>.</summary>
    internal void ForEachTally<TInto>(long first, long end, TInto into, Action<TInto, HourTally, long, double> take) =>
        _tallies.ForEach(first, end, into, take);

    private bool IsHeld(long hour) => hour >= _hours.First && hour < _hours.End;

    // A checkpoint saves the tallies of a closed hour with its row, and all others each time.
    private bool IsClosed(long hour) => IsHeld(hour) && _hours.HasValues(hour);

    private static Bucket Closed(BucketRows rows, int metric, long oldest, long newest)
    {
        var sum = default(Bucket);
        for (var number = Math.Max(oldest, rows.First); number < Math.Min(newest + 1, rows.End); number++)
        {
            sum.Add(Scales[metric].Unpack(rows[number][metric]));
        }

        return sum;
    }

    private void AddLate(int i, long timeMs, double value)
    {
        var minute = timeMs / MinuteMs;
        if (minute == _minuteNumber)
        {
            _minute[i].AddEarlier(value);
            return;
        }

        if (minute > _minuteNumber - Minutes)
        {
            Rewrite(_minutes, ref _changedMinutes, minute, i, value);
        }

        var hour = minute / MinutesPerHour;
        if (hour == HourNumber)
        {
            _hour[i].AddEarlier(value);
        }
        else if (hour > HourNumber - Hours)
        {
            Rewrite(_hours, ref _changedHours, hour, i, value);
        }
        else
        {
            TooLate++;
        }
    }

    private static void Rewrite(BucketRows rows, ref RowMarks changed, long number, int i, double value)
    {
        ref var packed = ref rows.Open(number)[i];
        var bucket = Scales[i].Unpack(packed);
        bucket.AddEarlier(value);
        packed = Scales[i].Pack(bucket);
        changed.Add(number);
    }

    // Closes the current minute, and the current hour with its last minute.
    private void MoveTo(long minute)
    {
        if (_minuteNumber >= 0)
        {
            _minutes.DropBefore(minute - Minutes + 1);
            if (_minuteNumber > minute - Minutes)
            {
                Close(_minutes, ref _changedMinutes, _minuteNumber, _minute);
            }

            for (var i = 0; i < _minute.Length; i++)
            {
                _hour[i].Add(_minute[i]);
            }

            var hour = minute / MinutesPerHour;
            if (hour != HourNumber)
            {
                _hours.DropBefore(hour - Hours + 1);
                _tallies.DropBefore(hour - Hours + 1);
                if (HourNumber > hour - Hours)
                {
                    Close(_hours, ref _changedHours, HourNumber, _hour);
                }

                Array.Clear(_hour);
            }

            Array.Clear(_minute);
        }

        _minuteNumber = minute;
        _minuteEndMs = (minute + 1) * MinuteMs;
    }

    private static void Close(BucketRows rows, ref RowMarks changed, long number, Bucket[] open)
    {
        var row = rows.Open(number);
        for (var i = 0; i < open.Length; i++)
        {
            row[i] = Scales[i].Pack(open[i]);
        }

        changed.Add(number);
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
