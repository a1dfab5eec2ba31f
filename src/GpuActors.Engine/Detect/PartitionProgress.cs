using System.Collections.Concurrent;

namespace GpuActors.Engine.Detect;

/// <summary>How far the partitions of this node are: the offset up to which everything is applied, and how to commit. Thread-safe.</summary>
internal sealed class PartitionProgress
{
    private readonly ConcurrentDictionary<int, Entry> _partitions = new();

    /// <summary>Partitions that have come to this node so far.</summary>
    public IEnumerable<int> Partitions => _partitions.Keys;

    /// <summary>A partition has come to this node.</summary>
    public void Start(int partition, Action<long> commitUpTo) => _partitions[partition] = new Entry(commitUpTo);

    /// <summary>Everything before an offset is applied.</summary>
    public void Applied(int partition, long nextOffset) => Interlocked.Exchange(ref _partitions[partition].NextOffset, nextOffset);

    /// <summary>The offset up to which everything is applied; null before the first batch is.</summary>
    public long? AppliedUpTo(int partition) => _partitions.TryGetValue(partition, out var entry) && Interlocked.Read(ref entry.NextOffset) is var next and > 0 ? next : null;

    /// <summary>Lets the committed offset of a partition move. Of one that has gone, it does nothing.</summary>
    public void CommitUpTo(int partition, long nextOffset)
    {
        if (_partitions.TryGetValue(partition, out var entry))
        {
            entry.CommitUpTo(nextOffset);
        }
    }

    private sealed class Entry(Action<long> commitUpTo)
    {
        public long NextOffset;

        public Action<long> CommitUpTo => commitUpTo;
    }
}
