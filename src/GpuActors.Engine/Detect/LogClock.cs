namespace GpuActors.Engine.Detect;

/// <summary>
/// Log time: the newest append time seen, advanced by the monotonic clock while no records come. It never exceeds the time that a live
/// broker would stamp now, and during a replay it is the time of the replayed records, so that absence is measured in the log's time and
/// not in the node's. Thread-safe.
/// </summary>
internal sealed class LogClock(TimeProvider time, int partitions)
{
    private readonly Lock _moving = new();

    // A partition of a large fleet has records all the time; in a small one they come once an interval.
    private const long MinPauseMs = 2_000;
    private const int PauseIntervals = 2;

    private readonly long[] _newestMs = new long[partitions];
    private readonly long[] _resumedMs = new long[partitions];
    private readonly double[] _intervalsMs = new double[partitions];
    private long _appendMs;
    private long _seenAt;

    /// <summary>Notes a record of a partition.</summary>
    public void Observe(int partition, long appendTimeMs)
    {
        lock (_moving)
        {
            if (appendTimeMs - _newestMs[partition] >= Math.Max(MinPauseMs, PauseIntervals * _intervalsMs[partition]))
            {
                _resumedMs[partition] = appendTimeMs;
            }

            _newestMs[partition] = Math.Max(_newestMs[partition], appendTimeMs);
            _appendMs = Math.Max(_appendMs, appendTimeMs);
            _seenAt = time.GetTimestamp();
        }
    }

    /// <summary>
    /// Starts the clock, when no record has been seen, at a time that the log has reached at least. A node whose partitions have no new
    /// records must find absent GPUs, too.
    /// </summary>
    public void StartAt(long appendTimeMs)
    {
        lock (_moving)
        {
            if (_appendMs == 0)
            {
                (_appendMs, _seenAt) = (appendTimeMs, time.GetTimestamp());
            }
        }
    }

    /// <summary>Notes the longest interval at which GPUs of a partition are heard: only a longer gap is a pause.</summary>
    public void HeardEvery(int partition, double intervalMs)
    {
        lock (_moving)
        {
            _intervalsMs[partition] = intervalMs;
        }
    }

    /// <summary>Log time in Unix milliseconds; null before the first record.</summary>
    public long? NowMs
    {
        get
        {
            lock (_moving)
            {
                return _appendMs == 0 ? null : _appendMs + (long)time.GetElapsedTime(_seenAt).TotalMilliseconds;
            }
        }
    }

    /// <summary>The newest append time seen of all partitions, Unix milliseconds; 0 before the first record.</summary>
    public long NewestOfAllMs
    {
        get
        {
            lock (_moving)
            {
                return _appendMs;
            }
        }
    }

    /// <summary>
    /// Append time of a partition's first record after the last pause of all of its GPUs, Unix milliseconds; 0 before its first record.
    /// </summary>
    public long ResumedMs(int partition)
    {
        lock (_moving)
        {
            return _resumedMs[partition];
        }
    }
}
