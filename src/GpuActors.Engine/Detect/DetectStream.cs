using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Samples;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Detect;

/// <summary>
/// DETECT: every assigned partition, batch by batch, to the GPUs' actors; a batch is done when all of it is acknowledged.
/// </summary>
internal static class DetectStream
{
    // Partitions of one node; a topic has far fewer.
    private const int MaxPartitions = 4096;

    /// <summary>
    /// Emits once per finished batch. Completes with the source, fails when a batch is not acknowledged in time. A partition that is taken
    /// away fails alone.
    /// </summary>
    public static Source<Done, NotUsed> Create(
        Source<PartitionSource<SampleBatch>, NotUsed> sources,
        FeederServices services,
        LogClock clock,
        int batchesInFlight,
        DetectPartitions partitions
    ) => sources.MergeMany(MaxPartitions, partition => Partition(partition, services, clock, batchesInFlight, partitions));

    private static Source<Done, NotUsed> Partition(
        PartitionSource<SampleBatch> partition,
        FeederServices services,
        LogClock clock,
        int batchesInFlight,
        DetectPartitions partitions
    )
    {
        var foreign = new ForeignShards();
        var feeder = new PartitionFeeder(services, foreign);
        var arrival = partitions.ArriveAsync(partition, foreign);
        return partition
            .Batches.SelectAsync(
                1,
                batch => arrival.IsCompletedSuccessfully ? Task.FromResult((batch, arrival.Result)) : OnceThere(batch, arrival)
            )
            .Where(arrived =>
            {
                var (batch, progress) = arrived;
                if (progress is null)
                {
                    partition.Skip(batch);
                }

                return progress is not null;
            })
            .SelectAsync(
                batchesInFlight,
                async arrived =>
                {
                    var (batch, progress) = arrived;
                    if (batch.Count > 0)
                    {
                        clock.Observe(partition.Partition, batch.Samples[^1].AppendTimeMs);
                    }

                    await feeder.Feed(batch).ConfigureAwait(false);
                    return (batch, progress);
                }
            )
            .Select(fed =>
            {
                fed.progress!.Applied(fed.batch.NextOffset, fed.batch.Count > 0 ? fed.batch.Samples[^1].AppendTimeMs : 0);
                partition.Done(fed.batch);
                return Done.Instance;
            })
            .OnlyWhileHere(partition, () => partitions.Lost(partition.Partition));
    }

    private static async Task<(SampleBatch, PartitionProgress.Entry?)> OnceThere(
        SampleBatch batch,
        Task<PartitionProgress.Entry?> arrival
    ) => (batch, await arrival.ConfigureAwait(false));
}
