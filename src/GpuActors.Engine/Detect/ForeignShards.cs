namespace GpuActors.Engine.Detect;

/// <summary>
/// Shards whose GPUs had records on a partition that is not theirs (another producer's partitioner) since its last checkpoint: their
/// checkpoints must be written before the partition's offset may move, or a crash of theirs would lose what this partition has committed.
/// Thread-safe; empty wherever producers use Kafka's partitioner.
/// </summary>
internal sealed class ForeignShards
{
    private readonly Lock _gate = new();
    private HashSet<int> _shards = [];

    /// <summary>A GPU of this shard had a record.</summary>
    public void Add(int shard)
    {
        lock (_gate)
        {
            _shards.Add(shard);
        }
    }

    /// <summary>The shards so far; they are forgotten.</summary>
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
