using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Detect;

/// <summary>
/// DETECT: feeds the batches of each assigned partition to the GPUs' actors. A batch is done when all of it is acknowledged.
/// </summary>
internal static class DetectStream
{
    /// <summary>
    /// Emits once per finished batch. Completes with the source. A partition whose batch is not acknowledged in time is read again, and the
    /// others go on.
    /// </summary>
    public static Source<Done, NotUsed> Create(
        Source<IPartitionBatches<SampleBatch>, NotUsed> sources,
        FeederServices services,
        LogClock clock,
        int batchesInFlight,
        DetectPartitions partitions,
        StreamWatch watch
    ) =>
        sources.MergeMany(
            PartitionStreams.MaxPartitions,
            partition => Partition(partition, services, clock, batchesInFlight, partitions, watch)
        );

    private static Source<Done, NotUsed> Partition(
        IPartitionBatches<SampleBatch> partition,
        FeederServices services,
        LogClock clock,
        int batchesInFlight,
        DetectPartitions partitions,
        StreamWatch watch
    )
    {
        watch.Opened(partition);
        var progress = new PartitionProgress(partition);
        var feeder = new PartitionFeeder(services, progress.Foreign);
        var arrival = partitions.ArriveAsync(progress);
        watch.Waits(partition.Partition, arrival, "Its shard, or the shard's checkpoint, has not come to this node");
        return partition
            .ReadBatches()
            .SelectAsync(1, batch => arrival.IsCompletedSuccessfully ? Task.FromResult(batch) : AfterArrival(batch, arrival))
            .Where(batch =>
            {
                if (!arrival.Result)
                {
                    partition.Skip(batch);
                }

                return arrival.Result;
            })
            .SelectAsync(
                batchesInFlight,
                batch =>
                {
                    if (batch.Count > 0)
                    {
                        clock.Observe(partition.Partition, batch.Samples[^1].AppendTimeMs);
                    }

                    return feeder.Feed(batch);
                }
            )
            .Select(batch =>
            {
                progress.Applied(batch.NextOffset, batch.Count > 0 ? batch.Samples[^1].AppendTimeMs : 0);
                partition.Done(batch);
                watch.Worked(partition.Partition);
                return Done.Instance;
            })
            .CompleteOnFailure(
                partition,
                () =>
                {
                    watch.Worked(partition.Partition);
                    partitions.Lost(partition.Partition);
                },
                failure => watch.Failed(partition.Partition, failure.Message)
            );
    }

    private static async Task<SampleBatch> AfterArrival(SampleBatch batch, Task arrival)
    {
        await arrival.ConfigureAwait(false);
        return batch;
    }
}
