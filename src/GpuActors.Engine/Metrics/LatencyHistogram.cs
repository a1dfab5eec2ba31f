namespace GpuActors.Engine.Metrics;

/// <summary>
/// Counts of latencies in buckets that grow by an eighth: quantiles are right within 12.5% from 1 ms to over an hour, in constant memory.
/// Thread-safe without locks; a reader may see a value a moment late.
/// </summary>
public sealed class LatencyHistogram
{
    private const int PerOctave = 8;
    private readonly long[] _buckets = new long[24 * PerOctave];
    private long _count;
    private long _max;

    /// <summary>Values recorded.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Largest value, in milliseconds; 0 without values.</summary>
    public long MaxMs => Volatile.Read(ref _max);

    /// <summary>Records a latency in milliseconds; a negative one counts as 0.</summary>
    public void Record(long milliseconds)
    {
        milliseconds = Math.Max(0, milliseconds);
        Interlocked.Increment(ref _buckets[Bucket(milliseconds)]);
        Interlocked.Increment(ref _count);
        for (var max = Volatile.Read(ref _max); milliseconds > max; )
        {
            var seen = Interlocked.CompareExchange(ref _max, milliseconds, max);
            if (seen == max)
            {
                break;
            }

            max = seen;
        }
    }

    /// <summary>
    /// The smallest bound, in milliseconds, that at least <paramref name="quantile"/> of the values keep; 0 without values.
    /// </summary>
    public double Quantile(double quantile)
    {
        var wanted = (long)Math.Ceiling(quantile * Count);
        if (wanted <= 0)
        {
            return 0;
        }

        long seen = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += Volatile.Read(ref _buckets[i]);
            if (seen >= wanted)
            {
                return Math.Min(UpperBound(i), MaxMs);
            }
        }

        return MaxMs;
    }

    private static int Bucket(long ms)
    {
        if (ms < PerOctave)
        {
            return (int)ms;
        }

        var octave = System.Numerics.BitOperations.Log2((ulong)ms) - 3;
        return Math.Min((24 * PerOctave) - 1, ((octave + 1) * PerOctave) + (int)((ms >> octave) - PerOctave));
    }

    private static double UpperBound(int bucket)
    {
        if (bucket < PerOctave)
        {
            return bucket;
        }

        var octave = (bucket / PerOctave) - 1;
        return (((long)(bucket % PerOctave) + PerOctave + 1) << octave) - 1;
    }
}
