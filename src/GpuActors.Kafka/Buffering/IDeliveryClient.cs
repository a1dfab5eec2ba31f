using Confluent.Kafka;
using GpuActors.Core.Messaging;

namespace GpuActors.Kafka.Buffering;

/// <summary>A producer whose errors have codes.</summary>
internal interface IDeliveryClient : IAsyncDisposable
{
    /// <summary>Hands a record over.</summary>
    /// <returns>False when the client's queue is full. Otherwise <paramref name="onDelivered"/> is called once, on any thread, with the
    /// state; possibly before this method returns.</returns>
    bool TryProduce(in OutgoingRecord record, Action<object?, Error> onDelivered, object? state);

    /// <summary>Releases all resources at once; records in flight are not reported any more.</summary>
    void Abandon();
}
