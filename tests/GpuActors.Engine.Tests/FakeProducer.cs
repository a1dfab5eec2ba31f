using GpuActors.Core.Messaging;

namespace GpuActors.Engine.Tests;

/// <summary>Keeps what it is given; can refuse, and can answer with errors for a while.</summary>
internal sealed class FakeProducer : IRecordProducer
{
    private readonly Lock _lock = new();
    private readonly List<OutgoingRecord> _delivered = [];
    private readonly Queue<Action> _held = new();

    /// <summary>How many more offers are refused because the queue is full.</summary>
    public int RefuseOffers { get; set; }

    /// <summary>How many more records fail.</summary>
    public int FailDeliveries { get; set; }

    /// <summary>Longer values are refused for their size.</summary>
    public int MaxBytes { get; set; } = int.MaxValue;

    /// <summary>While on, the fate of records stays open until <see cref="Release"/>.</summary>
    public bool Hold { get; set; }

    public int QueuedRecords => 0;

    public IReadOnlyList<OutgoingRecord> Delivered
    {
        get
        {
            lock (_lock)
            {
                return [.. _delivered];
            }
        }
    }

    public bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null)
    {
        var taken = record;
        long offset;
        lock (_lock)
        {
            if (RefuseOffers > 0)
            {
                RefuseOffers--;
                return false;
            }

            if (record.Value?.Length > MaxBytes)
            {
                onDelivered?.Invoke(state, "Broker: Message size too large", DeliveryOffset.TooLarge);
                return true;
            }

            if (FailDeliveries > 0)
            {
                FailDeliveries--;
                onDelivered?.Invoke(state, "the broker is away", -1);
                return true;
            }

            _delivered.Add(taken);
            offset = _delivered.Count - 1;
            if (Hold)
            {
                _held.Enqueue(() => onDelivered?.Invoke(state, null, offset));
                return true;
            }
        }

        onDelivered?.Invoke(state, null, offset);
        return true;
    }

    public void Release()
    {
        lock (_lock)
        {
            Hold = false;
            while (_held.TryDequeue(out var deliver))
            {
                deliver();
            }
        }
    }

    public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
