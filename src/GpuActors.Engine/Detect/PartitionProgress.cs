using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Engine.Detect;

/// <summary>
/// How far the partitions of this node are: the offset up to which everything is applied, and how to commit. Thread-safe. A partition that
/// goes and comes again gets an entry of its own: what is still finished of the old one says nothing of the new one.
/// </summary>
internal sealed class PartitionProgress
{
    private readonly ConcurrentDictionary<int, Entry> _partitions = new();

    /// <summary>Partitions on this node.</summary>
    public IEnumerable<KeyValuePair<int, Entry>> All => _partitions;

    /// <summary>A partition has come to this node.</summary>
    public void Start(int partition, Entry entry) => _partitions[partition] = entry;

    /// <summary>The partition's entry; null when it is not on this node.</summary>
    public Entry? Of(int partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>The partition has gone.</summary>
    public void End(int partition) => _partitions.TryRemove(partition, out _);

    /// <summary>One stay of a partition on this node.</summary>
    [SuppressMessage(
        "Reliability",
        "CA1001",
        Justification = "The semaphore holds no handle of the system: its WaitHandle is never asked for"
    )]
    internal sealed class Entry(Action<long> commitUpTo, Func<TimeSpan, Task<long?>> queryEndOffset)
    {
        private long _nextOffset;
        private long _appendMs;

        /// <summary>The offset up to which everything is applied; null before the first batch is.</summary>
        public long? AppliedUpTo => Interlocked.Read(ref _nextOffset) is var next and > 0 ? next : null;

        /// <summary>Append time of the newest record that is applied, Unix milliseconds; 0 before the first.</summary>
        public long AppliedMs => Interlocked.Read(ref _appendMs);

        /// <summary>Shards that have had records on this partition although they are not its own.</summary>
        public ForeignShards Foreign { get; init; } = new();

        /// <summary>One checkpoint at a time.</summary>
        public SemaphoreSlim Checkpointing { get; } = new(1);

        /// <summary>Everything before an offset is applied.</summary>
        /// <param name="nextOffset">The offset.</param>
        /// <param name="appendMs">Append time of the last record before it, Unix milliseconds; 0 when not known.</param>
        public void Applied(long nextOffset, long appendMs)
        {
            Interlocked.Exchange(ref _appendMs, Math.Max(appendMs, AppliedMs));
            Interlocked.Exchange(ref _nextOffset, nextOffset);
        }

        /// <summary>Lets the committed offset of the partition move. Of one that has gone, it does nothing.</summary>
        public void CommitUpTo(long nextOffset) => commitUpTo(nextOffset);

        /// <summary>Asks where the partition's log ends now; null without an answer in time.</summary>
        public Task<long?> QueryEndOffset(TimeSpan timeout) => queryEndOffset(timeout);
    }
}
