using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Engine.Streams;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Kernel logs: every line to its GPU's actor, through the region, which keeps their order; a batch is done when all of it is acknowledged.
/// Lines do not move the log clock: they may be younger than samples that are still to be read, and would make every GPU look absent.
/// </summary>
internal static class LogStream
{
    /// <summary>Emits once per finished batch. Completes with the source, fails when a batch is not acknowledged in time.</summary>
    /// <param name="partitions">Partitions that are followed.</param>
    /// <param name="services">What feeders share.</param>
    /// <param name="batchesInFlight">Batches of a partition handed out at once.</param>
    /// <param name="table">Where their progress is kept: the checkpoints of the samples commit it too.</param>
    public static Source<Done, NotUsed> Create(
        Source<IPartitionBatches<KernelLogBatch>, NotUsed> partitions,
        FeederServices services,
        int batchesInFlight,
        PartitionTable table
    ) =>
        partitions.MergeMany(
            PartitionStreams.MaxPartitions,
            partition =>
            {
                var progress = new PartitionProgress(partition);
                table.Add(progress);
                return partition
                    .ReadBatches()
                    .SelectAsync(batchesInFlight, batch => Feed(batch, services))
                    .Select(batch =>
                    {
                        progress.Applied(batch.NextOffset, 0);
                        partition.Done(batch);
                        return Done.Instance;
                    })
                    .CompleteWhenLost(partition, () => { });
            }
        );

    private static async Task<KernelLogBatch> Feed(KernelLogBatch batch, FeederServices services)
    {
        services.Metrics.LogReceived(batch.Lines.Count, batch.Rejected.Count);
        await services
            .Hand(
                batch.Partition,
                batch.FirstOffset,
                batch.NextOffset,
                batch.Rejected,
                ticket =>
                {
                    foreach (var record in batch.Lines)
                    {
                        ticket.Add();
                        services.Region.Tell(new IngestLog(batch.Partition, record, ticket.BatchNo, ticket), services.Acknowledger);
                    }
                }
            )
            .ConfigureAwait(false);
        services.Metrics.LogAcknowledged();
        return batch;
    }
}
