namespace GpuActors.Kafka.Batching;

/// <summary>
/// Collects records into batches on the consumer's thread. For each record the consumer calls <see cref="Read"/> while its bytes are
/// available, and then <see cref="Add"/> with its position. All calls except <see cref="Recycle"/> come from that thread.
/// </summary>
/// <typeparam name="TBatch">The records that one poll reads from one partition.</typeparam>
public interface IRecordBatcher<TBatch>
    where TBatch : class
{
    /// <summary>
    /// Whether <see cref="RecordView.ContentType"/> is read. Default false: with headers the client library creates a list for every
    /// record, even for one without headers.
    /// </summary>
    bool ReadsContentType => false;

    /// <summary>
    /// Decodes a record into the pending slot. A record that cannot be decoded is a value too: an exception fails the stream.
    /// </summary>
    void Read(RecordView record);

    /// <summary>Moves the pending record into the open batch of its partition.</summary>
    /// <param name="partition">Partition.</param>
    /// <param name="offset">Offset of the record.</param>
    /// <param name="timestampMs">The record's timestamp, Unix milliseconds: its append time where the topic has <c>LogAppendTime</c>; 0
    /// when it has none.</param>
    void Add(int partition, long offset, long timestampMs);

    /// <summary>Takes the open batch of a partition that has at least one record.</summary>
    TBatch Cut(int partition);

    /// <summary>Drops the open batch of a partition that has left.</summary>
    void Discard(int partition);

    /// <summary>
    /// Takes back a batch that is done, for reuse; called from any thread. Keeps a bounded number and drops the others.
    /// </summary>
    void Recycle(TBatch batch);
}
