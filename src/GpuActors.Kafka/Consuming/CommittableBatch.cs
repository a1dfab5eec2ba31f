namespace GpuActors.Kafka.Consuming;

/// <summary>A batch with what it takes to acknowledge it.</summary>
/// <typeparam name="TBatch">What one poll brings of one partition.</typeparam>
public sealed class CommittableBatch<TBatch>
    where TBatch : class
{
    private readonly AssignedPartition<TBatch> _owner;

    internal CommittableBatch(AssignedPartition<TBatch> owner, TBatch batch, int records, long nextOffset)
    {
        _owner = owner;
        Batch = batch;
        RecordCount = records;
        NextOffset = nextOffset;
    }

    /// <summary>The records. Not to be touched after <see cref="MarkDone"/>: the object is filled again.</summary>
    public TBatch Batch { get; }

    /// <summary>Partition of all records.</summary>
    public int Partition => _owner.Partition;

    /// <summary>Number of records, bad ones included; at least 1.</summary>
    public int RecordCount { get; }

    /// <summary>The offset to go on from once the batch is done.</summary>
    public long NextOffset { get; }

    internal bool IsDone { get; set; }

    /// <summary>
    /// Says that nothing needs the batch any more. The committed offset moves past it once all earlier batches of the partition are done
    /// too. Safe from any thread; a second call and one after a revoke do nothing.
    /// </summary>
    public void MarkDone() => _owner.Done(this);
}
