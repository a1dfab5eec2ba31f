namespace GpuActors.Engine.Detect;

/// <summary>
/// Shards whose GPUs have had records on a partition that is not theirs since its last checkpoint, because a producer uses another
/// partitioner. They must be checkpointed before the partition's offset moves: otherwise their crash would lose records that this partition
/// has committed. Thread-safe. Empty where all producers use Kafka's partitioner.
/// </summary>
internal sealed class ForeignShards
{
    private readonly Lock _gate = new();
    private HashSet<int> _shards = [];

    /// <summary>Notes a record of a GPU of this shard.</summary>
    public void Add(int shard)
    {
        lock (_gate)
        {
            _shards.Add(shard);
        }
    }

    /// <summary>Returns and removes all shards.</summary>
    public IReadOnlyCollection<int> Take()
    {
        lock (_gate)
        {
            if (_shards.Count == 0)
            {
                return [];
            }

            var taken = _shards;
            _shards = [];
            return taken;
        }
    }
}
