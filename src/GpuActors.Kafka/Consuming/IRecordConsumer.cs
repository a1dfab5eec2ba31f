namespace GpuActors.Kafka.Consuming;

/// <summary>The part of a Kafka consumer that <see cref="ConsumerLoop{TBatch}"/> needs.</summary>
internal interface IRecordConsumer : IDisposable
{
    /// <summary>Joins the group. Partitions are assigned through <see cref="IRebalanceListener"/>, during <see cref="Poll"/>.</summary>
    void Subscribe();

    /// <summary>Takes the next record and passes its bytes to the reader; false when none arrives in time.</summary>
    /// <exception cref="Confluent.Kafka.ConsumeException">The client reports an error instead of a record.</exception>
    bool Poll(int timeoutMs, out RecordPosition position);

    /// <summary>Whether it is a member of its group.</summary>
    bool IsMember { get; }

    void Pause(int partition);

    void Resume(int partition);

    /// <summary>Reads an assigned partition on from an offset.</summary>
    /// <exception cref="Confluent.Kafka.KafkaException">The partition is not assigned.</exception>
    void Seek(int partition, long offset);

    void StoreOffset(int partition, long nextOffset);

    /// <summary>End of the partition as of the last fetch; negative while unknown.</summary>
    long EndOffset(int partition);

    /// <summary>Asks the partition's leader for the start and end of its log. Safe from any thread; blocks.</summary>
    /// <exception cref="Confluent.Kafka.KafkaException">No answer in time.</exception>
    (long Start, long End) QueryOffsets(int partition, TimeSpan timeout);

    /// <summary>Commits stored offsets and leaves the group; calls <see cref="IRebalanceListener.Revoked"/> first.</summary>
    void Close();
}
