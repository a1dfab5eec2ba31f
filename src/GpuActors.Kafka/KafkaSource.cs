using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka;

/// <summary>Sources that read Kafka. Nothing is committed but what was marked done, so that each record is handled at least once.</summary>
public static class KafkaSource
{
    /// <summary>
    /// One consumer on one thread of its own. Emits each partition as it is assigned, with a stream of its batches; each of these streams
    /// must be run, at once, or the consumer stands still when it is full. Can be run again (a <c>RestartSource</c> does): each run is a
    /// new consumer with a new batcher. A cancelled source still commits what is done within
    /// <see cref="KafkaConsumerSettings.RevokeDrainTimeout"/>.
    /// </summary>
    /// <typeparam name="TBatch">What one poll brings of one partition.</typeparam>
    /// <param name="client">How to reach the brokers.</param>
    /// <param name="settings">Topic, group and bounds.</param>
    /// <param name="createBatcher">Makes the batcher of one consumer; called once a run.</param>
    /// <param name="startOffsets">Where to start in assigned partitions, for a reader that keeps its offsets elsewhere; null to use
    /// committed ones.</param>
    /// <exception cref="ArgumentException">A setting is not usable; the text names all of them.</exception>
    public static Source<IPartitionBatches<TBatch>, IConsumerControl> CommittablePartitionedSource<TBatch>(
        KafkaClientSettings client,
        KafkaConsumerSettings settings,
        Func<IRecordBatcher<TBatch>> createBatcher,
        StartOffsets? startOffsets = null
    )
        where TBatch : class => Create(client, settings, createBatcher, startOffsets, null);

    /// <summary>
    /// The same for partitions that <paramref name="followed"/> names: no group assigns them, the group only keeps their committed offsets.
    /// No other member may subscribe in that group.
    /// </summary>
    /// <typeparam name="TBatch">What one poll brings of one partition.</typeparam>
    /// <param name="client">How to reach the brokers.</param>
    /// <param name="settings">Topic, group and bounds.</param>
    /// <param name="createBatcher">Makes the batcher of one consumer; called once a run.</param>
    /// <param name="followed">Says which partitions to read, from where, and when to leave them.</param>
    /// <exception cref="ArgumentException">A setting is not usable; the text names all of them.</exception>
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
