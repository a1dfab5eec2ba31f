using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Engine.Streams;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Feeds kernel log lines to the GPUs' actors, through the region, which keeps their order. A batch is done when all of it is acknowledged.
/// Lines do not advance the log clock: they may be newer than samples that are not read yet, and would make every GPU appear absent.
/// </summary>
internal static class LogStream
{
    /// <summary>
    /// Emits once per finished batch. Completes with the source. A partition whose batch is not acknowledged in time is read again.
    /// </summary>
    /// <param name="partitions">The followed partitions.</param>
    /// <param name="services">The services of the feeders.</param>
    /// <param name="batchesInFlight">Batches of a partition that are processed at once.</param>
    /// <param name="table">Where their progress is kept: the checkpoints of the samples commit it too.</param>
    /// <param name="watch">Is told of failures.</param>
    public static Source<Done, NotUsed> Create(
        Source<IPartitionBatches<KernelLogBatch>, NotUsed> partitions,
        FeederServices services,
        int batchesInFlight,
        PartitionTable table,
        StreamWatch watch
    ) =>
        partitions.MergeMany(
            PartitionStreams.MaxPartitions,
            partition =>
            {
                watch.Opened(partition);
                var progress = new PartitionProgress(partition);
                table.Add(progress);
                return partition
                    .ReadBatches()
                    .SelectAsync(batchesInFlight, batch => Feed(batch, services))
                    .Select(batch =>
                    {
                        progress.Applied(batch.NextOffset, 0);
                        partition.Done(batch);
                        watch.Worked(partition.Partition);
                        return Done.Instance;
                    })
                    .CompleteOnFailure(
                        partition,
                        () => watch.Worked(partition.Partition),
                        failure => watch.Failed(partition.Partition, failure.Message)
                    );
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
