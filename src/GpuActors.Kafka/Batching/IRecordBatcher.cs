namespace GpuActors.Kafka.Batching;

/// <summary>
/// Turns records into batches on the consumer's own thread. For each record the consumer calls <see cref="Read"/>, while its bytes are
/// there, and then <see cref="Add"/>, when it knows where the record stands. All calls but <see cref="Recycle"/> come from that one thread.
/// </summary>
/// <typeparam name="TBatch">What one poll brings of one partition.</typeparam>
public interface IRecordBatcher<TBatch>
    where TBatch : class
{
    /// <summary>
    /// Whether <see cref="RecordView.ContentType"/> is wanted. Default false: the client library makes a list of headers for every record
    /// then, even for one without any.
    /// </summary>
    bool ReadsContentType => false;

    /// <summary>
    /// Decodes a record into the one pending slot. A record that cannot be decoded is a value too: an exception fails the stream.
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

    /// <summary>Forgets the open batch of a partition that was taken away.</summary>
    void Discard(int partition);

    /// <summary>
    /// Takes back a batch that nobody needs any more, for reuse; called from any thread. Keeps a bounded number and drops the rest.
    /// </summary>
    void Recycle(TBatch batch);
}
