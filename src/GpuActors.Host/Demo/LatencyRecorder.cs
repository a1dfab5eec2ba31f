namespace GpuActors.Host.Demo;

/// <summary>Latencies of alerts: exact percentiles over a bounded number of the latest. Thread-safe.</summary>
internal sealed class LatencyRecorder(int capacity = 10_000)
{
    private readonly long[] _values = new long[capacity];
    private readonly Lock _gate = new();
    private long _count;
    private long _max;

    public void Add(long milliseconds)
    {
        lock (_gate)
        {
            _values[_count++ % _values.Length] = milliseconds;
            _max = Math.Max(_max, milliseconds);
        }
    }

    /// <summary>The figures of now; all zero when there was none.</summary>
    public LatencySummary Summary()
    {
        long[] sorted;
        long max;
        lock (_gate)
        {
            sorted = _values[..(int)Math.Min(_count, _values.Length)];
            max = _max;
        }

        Array.Sort(sorted);
        return new LatencySummary(Percentile(sorted, 0.50), Percentile(sorted, 0.99), max);
    }

    // Nearest rank: the smallest value that at least this share of all values does not exceed.
    private static long Percentile(long[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
