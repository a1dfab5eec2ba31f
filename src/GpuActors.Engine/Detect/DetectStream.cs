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
    /// Emits once per finished batch. Completes with the source, and fails when a batch is not acknowledged in time. The failure of a
    /// partition that has left does not fail the others.
    /// </summary>
    public static Source<Done, NotUsed> Create(
        Source<IPartitionBatches<SampleBatch>, NotUsed> sources,
        FeederServices services,
        LogClock clock,
        int batchesInFlight,
        DetectPartitions partitions
    ) => sources.MergeMany(PartitionStreams.MaxPartitions, partition => Partition(partition, services, clock, batchesInFlight, partitions));

    private static Source<Done, NotUsed> Partition(
        IPartitionBatches<SampleBatch> partition,
        FeederServices services,
        LogClock clock,
        int batchesInFlight,
        DetectPartitions partitions
    )
    {
        var progress = new PartitionProgress(partition);
        var feeder = new PartitionFeeder(services, progress.Foreign);
        var arrival = partitions.ArriveAsync(progress);
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
                return Done.Instance;
            })
            .CompleteWhenLost(partition, () => partitions.Lost(partition.Partition));
    }

    private static async Task<SampleBatch> AfterArrival(SampleBatch batch, Task arrival)
    {
        await arrival.ConfigureAwait(false);
        return batch;
    }
}
