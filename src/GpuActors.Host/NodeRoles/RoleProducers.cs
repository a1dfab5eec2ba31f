using GpuActors.Host.Configuration;
using GpuActors.Host.Logging;
using GpuActors.Kafka;
using GpuActors.Kafka.Buffering;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.NodeRoles;

/// <summary>The producers that roles publish with.</summary>
internal static class RoleProducers
{
    /// <summary>
    /// How long dead letters wait for others. They arrive in bursts of thousands, and a request to the broker for each would cost more than
    /// the records.
    /// </summary>
    public static readonly TimeSpan DeadLetterLinger = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// A producer that retries without end: a record that is given up and produced again could be in the log twice. A fatal error of the
    /// client ends the node.
    /// </summary>
    public static KafkaRecordProducer Create(RoleContext context, TimeSpan linger)
    {
        var settings = context.Settings.Producer with { Linger = linger, MessageTimeout = TimeSpan.Zero };
        var producer = new KafkaRecordProducer(context.Settings.Kafka, settings, context.System.Log);
        _ = producer.FatalError.ContinueWith(
            fatal => context.Fail($"Kafka's client can publish nothing any more: {fatal.Result}"),
            TaskScheduler.Default
        );
        return producer;
    }

    /// <summary>The producer of a collector, in a node or alone: it buffers while the brokers are away.</summary>
    public static BufferedRecordProducer OfCollector(HostSettings settings, ILoggerFactory loggers) =>
        new(
            settings.Kafka,
            settings.Producer,
            settings.CollectorBuffer(),
            TimeProvider.System,
            new DeliveryLog(loggers.CreateLogger<DeliveryLog>())
        );
}
