namespace GpuActors.Kafka.Consuming;

/// <summary>What a partition needs of its consumer. Called from any thread.</summary>
internal interface IPartitionOwner<TBatch>
{
    /// <summary>Lets the committed offset move; also wakes the consumer's thread, which may wait for room or for a drain.</summary>
    void StoreOffset(int partition, long nextOffset);

    /// <summary>The batch may be filled again.</summary>
    void Recycle(TBatch batch);

    /// <summary>The partition's stream ended by itself, so nobody reads on.</summary>
    void StreamEnded(int partition);
}
