namespace GpuActors.Engine.Detect;

/// <summary>
/// Log time: the newest append time seen, going on with the monotonic clock while nothing comes. It never runs ahead of what a live broker
/// would have stamped, and during a replay it is the time of the replayed records: absence is judged by the log, not by the wall.
/// </summary>
internal sealed class LogClock(TimeProvider time, int partitions)
{
    private readonly Lock _moving = new();

    // A partition of a large fleet speaks all the time; of a small one that does not, its GPUs are judged a few seconds later.
    private const long PauseMs = 2_000;

    private readonly long[] _newestMs = new long[partitions];
    private readonly long[] _resumedMs = new long[partitions];
    private long _appendMs;
    private long _seenAt;

    /// <summary>A record of a partition with this append time was seen.</summary>
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
    /// Append time at which a partition last spoke again after a pause of all of its GPUs, Unix milliseconds; 0 before its first record.
    /// </summary>
    public long ResumedMs(int partition)
    {
        lock (_moving)
        {
            return _resumedMs[partition];
        }
    }
}
