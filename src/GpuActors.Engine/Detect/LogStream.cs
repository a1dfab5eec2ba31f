using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Logs;
using GpuActors.Engine.Streams;
using static GpuActors.Engine.Gpus.GpuActorProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Kernel logs: every line to its GPU's actor, through the region, which keeps their order; a batch is done when all of it is acknowledged. Lines
/// do not move the log clock: they may be younger than the samples that are still to be read, and would make every GPU look silent.
/// </summary>
internal static class LogStream
{
    // Partitions of one node; a topic has far fewer.
    private const int MaxPartitions = 4096;

    /// <summary>Emits once per finished batch. Completes with the source, fails when a batch is not acknowledged in time.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <param name="services">What feeders share.</param>
    /// <param name="batchesInFlight">Batches of a partition handed out at once.</param>
    /// <param name="assigned">Told of each partition first.</param>
    /// <param name="progress">How far the logs are.</param>
    /// <param name="samples">How far the samples are: where a partition of theirs is here, its checkpoints commit the logs too.</param>
    public static Source<Done, NotUsed> Create(
        Source<PartitionSource<KernelLogBatch>, NotUsed> partitions, FeederServices services, int batchesInFlight,
        Action<PartitionSource<KernelLogBatch>> assigned, PartitionProgress progress, PartitionProgress samples) =>
        partitions.MergeMany(MaxPartitions, partition =>
        {
            assigned(partition);
            return partition.Batches
                .SelectAsync(batchesInFlight, batch => Feed(batch, services))
                .Select(batch =>
                {
                    progress.Applied(partition.Partition, batch.NextOffset);
                    partition.Done(batch);
                    if (samples.AppliedUpTo(partition.Partition) is null)
                    {
                        // The shard lives on another node, which knows nothing of this offset; what it has applied it keeps at its own next checkpoint.
                        partition.CommitUpTo(batch.NextOffset);
                    }

                    return Done.Instance;
                });
        });

    private static async Task<KernelLogBatch> Feed(KernelLogBatch batch, FeederServices services)
    {
        services.Metrics.LogReceived(batch.Lines.Count, batch.Rejected.Count);
        await services.Hand(
            batch.Partition, batch.FirstOffset, batch.NextOffset, batch.Rejected,
            ticket =>
            {
                foreach (var record in batch.Lines)
                {
                    ticket.Add();
                    services.Region.Tell(new IngestLog(batch.Partition, record, ticket.BatchNo, ticket), services.Acknowledger);
                }
            }).ConfigureAwait(false);
        services.Metrics.LogAcknowledged();
        return batch;
    }
}
