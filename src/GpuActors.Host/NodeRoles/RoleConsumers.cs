using Akka.Actor;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Host.Configuration;
using GpuActors.Kafka;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;

namespace GpuActors.Host.NodeRoles;

/// <summary>The consumers that roles read partitions with.</summary>
internal static class RoleConsumers
{
    /// <summary>
    /// The settings with a group instance id for each group consumer that has none. The id is made of the node's address, so a node that
    /// restarts, or reconnects, gets its partitions back without a rebalance. The consumer of kernel logs belongs to no group.
    /// </summary>
    public static HostSettings Identify(HostSettings settings, Address self)
    {
        var name = $"{settings.Kafka.ClientId}-{self.Host}-{self.Port}"; // GroupWatch reads it.
        KafkaConsumerSettings Of(KafkaConsumerSettings consumer) =>
            consumer.GroupInstanceId.Length > 0 ? consumer : consumer with { GroupInstanceId = name };
        return settings with
        {
            DetectConsumer = Of(settings.DetectConsumer),
            StoreConsumer = Of(settings.StoreConsumer),
            AlertStoreConsumer = Of(settings.AlertStoreConsumer),
            PredictionStoreConsumer = Of(settings.PredictionStoreConsumer),
        };
    }

    /// <summary>A consumer of samples.</summary>
    /// <param name="context">The node's services.</param>
    /// <param name="consumer">Topic, group and bounds.</param>
    /// <param name="offsets">Where to start; null for the group's committed offsets.</param>
    public static RestartableConsumer<SampleBatch> Samples(RoleContext context, KafkaConsumerSettings consumer, StartOffsets? offsets) =>
        new(() =>
            Checked(
                context,
                consumer,
                KafkaSource.CommittablePartitionedSource(
                    context.Settings.Kafka,
                    consumer,
                    () => new SampleRecordBatcher(context.Registry, context.Settings.Validation),
                    offsets
                )
            )
        );

    /// <summary>A consumer of alerts or predictions.</summary>
    /// <param name="context">The node's services.</param>
    /// <param name="consumer">Topic, group and bounds.</param>
    /// <param name="read">Decodes one record.</param>
    /// <param name="offsets">Where to start.</param>
    public static RestartableConsumer<FactBatch<TFact>> Facts<TFact>(
        RoleContext context,
        KafkaConsumerSettings consumer,
        Func<ReadOnlyMemory<byte>, TFact> read,
        StartOffsets offsets
    )
        where TFact : class =>
        new(() =>
            Checked(
                context,
                consumer,
                KafkaSource.CommittablePartitionedSource(
                    context.Settings.Kafka,
                    consumer,
                    () => new FactRecordBatcher<TFact>(read),
                    offsets
                )
            )
        );

    // What no restart of the stream can mend ends the node, with the remedy.
    private static Source<IPartitionBatches<TBatch>, IConsumerControl> Checked<TBatch>(
        RoleContext context,
        KafkaConsumerSettings consumer,
        Source<IPartitionBatches<TBatch>, IConsumerControl> source
    )
        where TBatch : class
    {
        var partitions = context.Settings.TopicLayout.Partitions;
        return source
            .Where(partition =>
            {
                if (partition.Partition < partitions)
                {
                    return true;
                }

                context.Fail(
                    $"Topic {consumer.Topic} has a partition {partition.Partition}, while kafka.topics.partitions is {partitions}: "
                        + "partitions were added to it, and a GPU would have records on two of them. Kafka cannot take partitions back: "
                        + "use a new topic"
                );
                return false;
            })
            .SelectError(error =>
            {
                if (error.GetBaseException() is InstanceFencedException fenced)
                {
                    context.Fail(
                        $"{fenced.Message}: it has the same node.host and node.port. Give each node its own: node.host = auto, or "
                            + "node.port = 0 for several nodes of one machine"
                    );
                }

                return error;
            });
    }
}
