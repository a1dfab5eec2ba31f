using Akka.Streams;
using Akka.Streams.Dsl;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Host.Configuration;
using GpuActors.Kafka;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Consuming;

namespace GpuActors.Host.Demo;

/// <summary>
/// Reads <c>gpu-alerts</c> as any outsider would, with a consumer of its own: what it shows has really been published.
/// </summary>
internal sealed class AlertFollower
{
    private readonly IConsumerControl _consumer;
    private readonly Task _stream;

    private AlertFollower(IConsumerControl consumer, Task stream)
    {
        _consumer = consumer;
        _stream = stream;
    }

    /// <summary>Alerts published and not read yet; -1 while unknown.</summary>
    public long Lag => _consumer.Lag;

    /// <summary>
    /// Starts following from the first alert on. <paramref name="onAlert"/> is called for one alert of a partition at a time, and for
    /// several partitions at once.
    /// </summary>
    public static AlertFollower Start(IMaterializer materializer, HostSettings settings, string group, Action<AlertTransition> onAlert)
    {
        var consumer = settings.AlertStoreConsumer with { GroupId = group, GroupInstanceId = "", AutoOffsetReset = "earliest" };
        var (control, stream) = KafkaSource
            .CommittablePartitionedSource(settings.Kafka, consumer, () => new FactRecordBatcher<AlertTransition>(AlertCodec.Read))
            .SelectAsyncUnordered(settings.TopicLayout.Partitions, partition => FollowAsync(partition, onAlert))
            .ToMaterialized(Sink.Ignore<int>(), Keep.Both)
            .Run(materializer);
        return new AlertFollower(control, stream);
    }

    /// <summary>Stops; what was published before may be unread.</summary>
    public async Task StopAsync()
    {
        await _consumer.DrainAndStop().ConfigureAwait(false);
        await _stream.ConfigureAwait(false);
    }

    private static async Task<int> FollowAsync(IPartitionBatches<FactBatch<AlertTransition>> partition, Action<AlertTransition> onAlert)
    {
        await foreach (var batch in partition.Batches.ReadAllAsync().ConfigureAwait(false))
        {
            foreach (var alert in batch.Facts)
            {
                onAlert(alert);
            }

            partition.Done(batch);
        }

        return partition.Partition;
    }
}
