namespace GpuActors.Engine.Detect;

/// <summary>
/// Log time: the newest append time seen, advanced by the monotonic clock while no records come. It never exceeds the time that a live
/// broker would stamp now, and during a replay it is the time of the replayed records, so that absence is measured in the log's time and
/// not in the node's. Thread-safe.
/// </summary>
internal sealed class LogClock(TimeProvider time, int partitions)
{
    private readonly Lock _moving = new();

    // A partition of a large fleet has records all the time. In a small fleet, with pauses, absence is found a few seconds later.
    private const long PauseMs = 2_000;

    private readonly long[] _newestMs = new long[partitions];
    private readonly long[] _resumedMs = new long[partitions];
    private long _appendMs;
    private long _seenAt;

    /// <summary>Notes a record of a partition.</summary>
    public void Observe(int partition, long appendTimeMs)
    {
        lock (_moving)
        {
            if (appendTimeMs - _newestMs[partition] >= PauseMs)
            {
                _resumedMs[partition] = appendTimeMs;
            }

            _newestMs[partition] = Math.Max(_newestMs[partition], appendTimeMs);
            _appendMs = Math.Max(_appendMs, appendTimeMs);
            _seenAt = time.GetTimestamp();
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
