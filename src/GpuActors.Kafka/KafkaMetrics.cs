using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GpuActors.Kafka.Consuming;

namespace GpuActors.Kafka;

/// <summary>The meter <c>GpuActors.Kafka</c>. Counted per poll or batch, never per record.</summary>
internal static class KafkaMetrics
{
    private static readonly Meter Meter = new("GpuActors.Kafka");

    public static readonly ConcurrentDictionary<IConsumerControl, string> Consumers = new();

    public static readonly ConcurrentDictionary<KafkaRecordProducer, string> Producers = new();

    public static readonly Counter<long> Records = Meter.CreateCounter<long>("kafka.consumer.records", "{record}", "Records read");

    public static readonly Counter<long> Batches = Meter.CreateCounter<long>("kafka.consumer.batches", "{batch}", "Batches cut");

    public static readonly Counter<long> Pauses = Meter.CreateCounter<long>(
        "kafka.consumer.pauses",
        "{pause}",
        "Partitions paused because their stream was full for long"
    );

    public static readonly Counter<long> Rebalances = Meter.CreateCounter<long>(
        "kafka.consumer.rebalances",
        "{event}",
        "Assignments, revocations and losses of partitions"
    );

    public static readonly Counter<long> Unfinished = Meter.CreateCounter<long>(
        "kafka.consumer.unfinished",
        "{batch}",
        "Batches that were on their way when their partition went"
    );

    public static readonly Counter<long> Expired = Meter.CreateCounter<long>(
        "kafka.consumer.expired",
        "{record}",
        "Records that retention had deleted before they were read"
    );

    public static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "kafka.client.errors",
        "{error}",
        "Errors that the client library reported"
    );

    public static readonly Counter<long> Undelivered = Meter.CreateCounter<long>(
        "kafka.producer.undelivered",
        "{record}",
        "Records that were given up"
    );

    public static readonly Counter<long> QueueFull = Meter.CreateCounter<long>(
        "kafka.producer.queue_full",
        "{record}",
        "Records refused because the local queue was full"
    );

    static KafkaMetrics()
    {
        Meter.CreateObservableGauge(
            "kafka.consumer.lag",
            () => Consumers.Select(c => new Measurement<long>(c.Key.Lag, Group(c.Value))),
            "{record}",
            "Records not read yet; -1 while unknown"
        );
        Meter.CreateObservableGauge(
            "kafka.consumer.in_flight",
            () => Consumers.Select(c => new Measurement<int>(c.Key.BatchesInFlight, Group(c.Value))),
            "{batch}",
            "Batches handed over and not done"
        );
        Meter.CreateObservableCounter(
            "kafka.producer.delivered",
            () => Producers.Select(p => new Measurement<long>(p.Key.DeliveredRecords, Group(p.Value))),
            "{record}",
            "Records that every in-sync replica has"
        );
        Meter.CreateObservableGauge(
            "kafka.producer.queue",
            () => Producers.Select(p => new Measurement<int>(p.Key.QueuedRecords, Group(p.Value))),
            "{record}",
            "Records handed over whose fate is not known"
        );
    }

    public static KeyValuePair<string, object?> Group(string name) => new("client", name);
}
