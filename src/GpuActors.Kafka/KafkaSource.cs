using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka;

/// <summary>
/// Sources that read Kafka. Only offsets of batches that are done are committed, so that each record is processed at least once.
/// </summary>
public static class KafkaSource
{
    /// <summary>
    /// One consumer on a thread of its own. Emits each partition when it is assigned. Each must be read at once, or the consumer stops
    /// when the partition is full. The source can be run again, as a <c>RestartSource</c> does: each run is a new consumer with a new
    /// batcher. A cancelled source still commits the batches that are done within <see cref="KafkaConsumerSettings.RevokeDrainTimeout"/>.
    /// </summary>
    /// <typeparam name="TBatch">The records that one poll reads from one partition.</typeparam>
    /// <param name="client">How to reach the brokers.</param>
    /// <param name="settings">Topic, group and bounds.</param>
    /// <param name="createBatcher">Creates the batcher of one consumer; called once per run.</param>
    /// <param name="startOffsets">Reads the start offsets, for a reader that stores its offsets elsewhere; null for the
    /// committed ones.</param>
    /// <exception cref="ArgumentException">A setting is not valid; the text names all of them.</exception>
    public static Source<IPartitionBatches<TBatch>, IConsumerControl> CommittablePartitionedSource<TBatch>(
        KafkaClientSettings client,
        KafkaConsumerSettings settings,
        Func<IRecordBatcher<TBatch>> createBatcher,
        StartOffsets? startOffsets = null
    )
        where TBatch : class => Create(client, settings, createBatcher, startOffsets, null);

    /// <summary>
    /// Like <see cref="CommittablePartitionedSource"/>, for the partitions that <paramref name="followed"/> names. The group does not
    /// assign them; it only stores their committed offsets. No other member may subscribe in that group.
    /// </summary>
    /// <typeparam name="TBatch">The records that one poll reads from one partition.</typeparam>
    /// <param name="client">How to reach the brokers.</param>
    /// <param name="settings">Topic, group and bounds.</param>
    /// <param name="createBatcher">Creates the batcher of one consumer; called once per run.</param>
    /// <param name="followed">Names the partitions to read, with their start offsets, until they are left.</param>
    /// <exception cref="ArgumentException">A setting is not valid; the text names all of them.</exception>
    public static Source<IPartitionBatches<TBatch>, IConsumerControl> FollowingPartitionedSource<TBatch>(
        KafkaClientSettings client,
        KafkaConsumerSettings settings,
        Func<IRecordBatcher<TBatch>> createBatcher,
        FollowedPartitions followed
    )
        where TBatch : class
    {
        ArgumentNullException.ThrowIfNull(followed);
        return Create(client, settings, createBatcher, null, followed);
    }

    private static Source<IPartitionBatches<TBatch>, IConsumerControl> Create<TBatch>(
        KafkaClientSettings client,
        KafkaConsumerSettings settings,
        Func<IRecordBatcher<TBatch>> createBatcher,
        StartOffsets? startOffsets,
        FollowedPartitions? followed
    )
        where TBatch : class
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(createBatcher);
        SettingErrors.ThrowIfAny([.. client.Validate(), .. settings.Validate()], nameof(settings));
        return Source.FromGraph(
            new ConsumerStage<TBatch>(() =>
            {
                var batcher = createBatcher();
                return new ConsumerLoop<TBatch>(
                    settings,
                    batcher,
                    startOffsets,
                    (read, listener) => new RecordConsumer(client, settings, read, batcher.ReadsContentType, listener, followed)
                );
            })
        );
    }
}
