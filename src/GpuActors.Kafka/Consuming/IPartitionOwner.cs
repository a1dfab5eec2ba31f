namespace GpuActors.Kafka.Consuming;

/// <summary>The services that a partition needs from its consumer. Called from any thread.</summary>
internal interface IPartitionOwner<TBatch>
    where TBatch : class
{
    /// <summary>Stores an offset, which the client library commits at its next interval.</summary>
    void StoreOffset(int partition, long nextOffset);

    /// <summary>Returns a batch for reuse, and wakes the consumer's thread, which may wait for room or for a drain.</summary>
    void Recycle(TBatch batch);

    /// <summary>Asks the partition's leader for the end of its log; null without an answer in time.</summary>
    Task<long?> QueryEndOffset(int partition, TimeSpan timeout);

    /// <summary>The work before the partition's release has failed: its next owner repeats more.</summary>
    void ReleaseFailed(int partition, Exception error);

    /// <summary>The partition's reader has stopped while the partition is assigned: it is to be assigned again.</summary>
    void ReaderStopped(AssignedPartition<TBatch> partition);
}
