using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GpuActors.Core.Codecs;
using GpuActors.Kafka.Buffering;
using GpuActors.Kafka.Consuming;

namespace GpuActors.Kafka;

/// <summary>The meter <c>GpuActors.Kafka</c>. Counted per poll or batch, never per record.</summary>
internal static class KafkaMetrics
{
    private static readonly Meter Meter = new("GpuActors.Kafka");

    public static readonly ConcurrentDictionary<IConsumerControl, string> Consumers = new();

    public static readonly ConcurrentDictionary<KafkaRecordProducer, string> Producers = new();

    public static readonly ConcurrentDictionary<BufferedRecordProducer, byte> Buffers = new();

    public static readonly UnknownMembers UnknownMembers = new();

    public static readonly Counter<long> Records = Meter.CreateCounter<long>(
        "gpuactors.kafka.consumer.records",
        "{record}",
        "Records read"
    );

    public static readonly Counter<long> Batches = Meter.CreateCounter<long>("gpuactors.kafka.consumer.batches", "{batch}", "Batches read");

    public static readonly Counter<long> Pauses = Meter.CreateCounter<long>(
        "gpuactors.kafka.consumer.pauses",
        "{pause}",
        "Partitions paused because their stream stayed full"
    );

    public static readonly Counter<long> Rebalances = Meter.CreateCounter<long>(
        "gpuactors.kafka.consumer.rebalances",
        "{event}",
        "Assignments, revocations and losses of partitions"
    );

    public static readonly Counter<long> Unfinished = Meter.CreateCounter<long>(
        "gpuactors.kafka.consumer.unfinished",
        "{batch}",
        "Batches in flight when their partition was revoked or lost"
    );

    public static readonly Counter<long> Expired = Meter.CreateCounter<long>(
        "gpuactors.kafka.consumer.expired",
        "{record}",
        "Records that retention deleted before they were read"
    );

    public static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "gpuactors.kafka.client.errors",
        "{error}",
        "Errors reported by the client library"
    );

    public static readonly Counter<long> Undelivered = Meter.CreateCounter<long>(
        "gpuactors.kafka.producer.undelivered",
        "{record}",
        "Records that could not be delivered"
    );

    public static readonly Counter<long> QueueFull = Meter.CreateCounter<long>(
        "gpuactors.kafka.producer.queue_full",
        "{record}",
        "Records refused because the producer's queue was full"
    );

    static KafkaMetrics()
    {
        Meter.CreateObservableGauge(
            "gpuactors.kafka.consumer.lag",
            () => ByClient(Consumers, consumer => consumer.Lag),
            "{record}",
            "Records not read yet; -1 while unknown"
        );
        Meter.CreateObservableGauge(
            "gpuactors.kafka.consumer.in_flight",
            () => ByClient(Consumers, consumer => consumer.BatchesInFlight),
            "{batch}",
            "Batches read and not done"
        );
        Meter.CreateObservableCounter(
            "gpuactors.kafka.producer.delivered",
            () => ByClient(Producers, producer => producer.DeliveredRecords),
            "{record}",
            "Records acknowledged by all in-sync replicas"
        );
        Meter.CreateObservableGauge(
            "gpuactors.kafka.producer.queue",
            () => ByClient(Producers, producer => producer.QueuedRecords),
            "{record}",
            "Records produced and not acknowledged yet"
        );
        Meter.CreateObservableCounter(
            "gpuactors.kafka.consumer.unknown_members",
            () =>
                UnknownMembers.Counts.Select(member => new Measurement<long>(
                    member.Value,
                    new KeyValuePair<string, object?>("member", member.Key)
                )),
            "{member}",
            "Members of nested events that are not known metrics, by name; each role that reads samples counts them"
        );
        Meter.CreateObservableGauge(
            "gpuactors.kafka.buffer.records",
            () => Buffers.Sum(buffer => buffer.Key.BufferedRecords),
            "{record}",
            "Records of collectors that wait until the brokers take them"
        );
        Meter.CreateObservableGauge(
            "gpuactors.kafka.buffer.file_bytes",
            () => Buffers.Sum(buffer => buffer.Key.FileBytes),
            "By",
            "Size of the files with records of collectors that wait"
        );
        Meter.CreateObservableGauge(
            "gpuactors.kafka.buffer.delivering",
            () => Buffers.All(buffer => buffer.Key.IsDelivering) ? 1 : 0,
            "{flag}",
            "1 while the brokers take the records of collectors, 0 while they refuse them or are away"
        );
        Meter.CreateObservableCounter(
            "gpuactors.kafka.buffer.dropped",
            () => Buffers.Sum(buffer => buffer.Key.DroppedRecords),
            "{record}",
            "Records of collectors that were dropped, the oldest first, because the buffer was full"
        );
    }

    public static KeyValuePair<string, object?> Group(string name) => new("client", name);

    /// <summary>What happened to partitions: <c>assigned</c>, <c>revoked</c> or <c>lost</c>.</summary>
    public static KeyValuePair<string, object?> Event(string name) => new("event", name);

    // Several clients of a process may have one name, and an instrument reports one value per name.
    private static IEnumerable<Measurement<long>> ByClient<T>(ConcurrentDictionary<T, string> clients, Func<T, long> value)
        where T : notnull =>
        clients
            .GroupBy(client => client.Value, StringComparer.Ordinal)
            .Select(group => new Measurement<long>(group.Sum(client => value(client.Key)), Group(group.Key)));
}
