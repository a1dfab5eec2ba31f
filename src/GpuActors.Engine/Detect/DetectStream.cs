using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Samples;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Detect;

/// <summary>DETECT: every assigned partition, batch by batch, to the GPUs' actors; a batch is done when all of it is acknowledged.</summary>
internal static class DetectStream
{
    // Partitions of one node; a topic has far fewer.
    private const int MaxPartitions = 4096;

    /// <summary>Emits once per finished batch. Completes with the source, fails when a batch is not acknowledged in time.</summary>
    public static Source<Done, NotUsed> Create(Source<PartitionSource<SampleBatch>, NotUsed> partitions, FeederServices services, LogClock clock, int batchesInFlight, Func<PartitionSource<SampleBatch>, Task> assigned, PartitionProgress progress) =>
        partitions.MergeMany(MaxPartitions, partition => Partition(partition, assigned(partition), services, clock, batchesInFlight, progress));

    private static Source<Done, NotUsed> Partition(PartitionSource<SampleBatch> partition, Task shardIsHere, FeederServices services, LogClock clock, int batchesInFlight, PartitionProgress progress)
    {
        var feeder = new PartitionFeeder(services);
        return partition.Batches
            .SelectAsync(1, batch => shardIsHere.IsCompleted ? Task.FromResult(batch) : shardIsHere.ContinueWith(_ => batch, TaskScheduler.Default))
            .SelectAsync(batchesInFlight, batch =>
            {
                if (batch.Count > 0)
                {
                    clock.Observe(batch.Samples[^1].AppendTimeMs);
                }

                return feeder.Feed(batch);
            })
            .Select(batch =>
            {
                progress.Applied(partition.Partition, batch.NextOffset);
                partition.Done(batch);
                return Done.Instance;
            });
    }
}
