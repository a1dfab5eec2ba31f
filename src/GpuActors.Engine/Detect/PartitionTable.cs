using System.Collections.Concurrent;

namespace GpuActors.Engine.Detect;

/// <summary>The partitions of one topic that are assigned to this node. Thread-safe.</summary>
internal sealed class PartitionTable
{
    private readonly ConcurrentDictionary<int, PartitionProgress> _partitions = new();

    /// <summary>Partitions on this node.</summary>
    public IEnumerable<PartitionProgress> All => _partitions.Values;

    /// <summary>Adds a partition that was assigned, in place of its former assignment.</summary>
    public void Add(PartitionProgress progress) => _partitions[progress.Partition.Partition] = progress;

    /// <summary>The partition's progress; null when it is not on this node.</summary>
    public PartitionProgress? Of(int partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>Removes a partition that leaves.</summary>
    public void Remove(int partition) => _partitions.TryRemove(partition, out _);
}
