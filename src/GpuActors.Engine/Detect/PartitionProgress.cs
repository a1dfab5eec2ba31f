using System.Diagnostics.CodeAnalysis;
using GpuActors.Core.Messaging;

namespace GpuActors.Engine.Detect;

/// <summary>
/// How far this node has processed a partition since it was assigned. Thread-safe. A partition that leaves and comes back gets a new one:
/// work that ends late counts for the old one only.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds no operating system handle: its WaitHandle is never used")]
internal sealed class PartitionProgress(IAssignedPartition partition)
{
    private long _nextOffset;
    private long _appendMs;

    /// <summary>The partition.</summary>
    public IAssignedPartition Partition => partition;

    /// <summary>The offset up to which all records are applied; null before the first batch is.</summary>
    public long? AppliedUpTo => Interlocked.Read(ref _nextOffset) is var next and > 0 ? next : null;

    /// <summary>The offset that the restored states of the shard have reached; 0 for none.</summary>
    public long RestoredUpTo { get; set; }

    /// <summary>Append time of the newest record that is applied, Unix milliseconds; 0 before the first.</summary>
    public long AppliedMs => Interlocked.Read(ref _appendMs);

    /// <summary>Shards whose GPUs had records on this partition although it is not theirs.</summary>
    public ForeignShards Foreign { get; } = new();

    /// <summary>Held during a checkpoint: one at a time.</summary>
    public SemaphoreSlim Checkpointing { get; } = new(1);

    /// <summary>Notes that all records before an offset are applied.</summary>
    /// <param name="nextOffset">The offset.</param>
    /// <param name="appendMs">Append time of the last record before it, Unix milliseconds; 0 when not known.</param>
    public void Applied(long nextOffset, long appendMs)
    {
        Interlocked.Exchange(ref _appendMs, Math.Max(appendMs, AppliedMs));
        Interlocked.Exchange(ref _nextOffset, nextOffset);
    }
}
