namespace GpuActors.Core.Messaging;

/// <summary>
/// Reports whether one record was delivered. The producer calls it on the Kafka client's own thread, so it must not block.
/// </summary>
/// <param name="state">The state object that was passed to <see cref="IRecordProducer.TryProduce"/>.</param>
/// <param name="error">Null if every in-sync replica has the record; otherwise the broker's error.</param>
/// <param name="offset">Offset of the record in its partition. If <paramref name="error"/> is not null:
/// <see cref="DeliveryOffset.TooLarge"/> for a record that is refused for its size, <see cref="DeliveryOffset.None"/> otherwise.</param>
public delegate void DeliveryHandler(object? state, string? error, long offset);

/// <summary>
/// An idempotent producer with <c>acks=all</c> and a bounded local queue. Records with the same key are written in the order in which they
/// were produced, each exactly once. Thread-safe.
/// </summary>
public interface IRecordProducer : IAsyncDisposable
{
    /// <summary>Adds a record to the local queue without waiting for the broker.</summary>
    /// <returns>True if the record was queued: <paramref name="onDelivered"/> is then called exactly once. False if the local queue is
    /// full: the record was not taken, and the caller should retry later.</returns>
    bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null);

    /// <summary>Number of records that were queued and are neither delivered nor failed yet.</summary>
    int QueuedRecords { get; }

    /// <summary>Waits until every record queued so far is either delivered or failed.</summary>
    Task FlushAsync(CancellationToken cancellationToken);
}
