using GpuActors.Core.Messaging;

namespace GpuActors.Benchmarks;

/// <summary>A producer whose broker has every record at once.</summary>
internal sealed class NullProducer : IRecordProducer
{
    public int QueuedRecords => 0;

    public bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null)
    {
        onDelivered?.Invoke(state, null, 0);
        return true;
    }

    public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
