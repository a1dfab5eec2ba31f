namespace GpuActors.Core.Messaging;

/// <summary>Tells the fate of one record. Called on the client's thread: return at once.</summary>
/// <param name="state">What was handed over with the record.</param>
/// <param name="error">Null once every in-sync replica has it, else the broker's reason.</param>
/// <param name="offset">Its offset in its partition; -1 with an error.</param>
public delegate void DeliveryHandler(object? state, string? error, long offset);

/// <summary>
/// An idempotent, acks=all producer with a bounded local queue. Records with the same key arrive in the order in which they were handed
/// over, each once. Thread-safe.
/// </summary>
public interface IRecordProducer : IAsyncDisposable
{
    /// <summary>Hands a record over without waiting for the broker.</summary>
    /// <returns>False when the local queue is full (nothing was taken: try again later); true when <paramref name="onDelivered"/> will be
    /// called exactly once.</returns>
    bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null);

    /// <summary>Records handed over whose fate is not known yet.</summary>
    int QueuedRecords { get; }

    /// <summary>Waits until the fate of every record handed over so far is known.</summary>
    Task FlushAsync(CancellationToken cancellationToken);
}
