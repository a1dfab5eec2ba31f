namespace GpuActors.Engine.Alerts;

/// <summary>
/// Where each partition of the alert topic ends at least, as far as this node knows: from what it read there, and from what it published
/// itself. A checkpoint keeps it: whoever reads on from there finds every transition that was published since. Thread-safe.
/// </summary>
internal sealed class AlertEnds(int partitions)
{
    private readonly long[] _ends = new long[partitions];

    /// <summary>The end of a partition, as far as known: records with this offset or a higher one may be unknown.</summary>
    public long this[int partition] => Volatile.Read(ref _ends[partition]);

    /// <summary>The partition ends here or later.</summary>
    public void Seen(int partition, long nextOffset)
    {
        ref var end = ref _ends[partition];
        for (var known = Volatile.Read(ref end); nextOffset > known; )
        {
            var before = Interlocked.CompareExchange(ref end, nextOffset, known);
            if (before == known)
            {
                return;
            }

            known = before;
        }
    }
}
