using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Store;

/// <summary>
/// STORE: writes samples into the database in large transactions of whole batches with their offsets. A group is divided by partition among
/// concurrent writers, while the next group is collected. Back-pressure reaches the consumer: while a write is being retried, one more
/// group is collected, and then reading stops.
/// </summary>
internal static class StoreStream
{
    /// <summary>
    /// Emits the number of rows written per group. Fails with <see cref="OffsetConflictException"/> when another owner has written: the
    /// stream must restart from the stored offsets.
    /// </summary>
    public static Source<int, NotUsed> Samples(
        Source<IPartitionBatches<SampleBatch>, NotUsed> partitions,
        string topic,
        ITelemetryStore store,
        StoreWriter writer,
        StoreSettings settings,
        EngineMetrics metrics
    ) =>
        partitions
            .MergeMany(
                PartitionStreams.MaxPartitions,
                p =>
                    p.ReadBatches()
                        .Select(b =>
                        {
                            metrics.StoreQueue(b.Count);
                            return new Pending(b, p);
                        })
            )
            .GroupedWeightedWithin(settings.MaxBatchRows, settings.FlushInterval, p => Math.Max(1, p.Batch.Count))
            .SelectAsync(
                1,
                async group =>
                {
                    var lanes = group.GroupBy(p => p.Batch.Partition % settings.Writers);
                    var rows = await Task.WhenAll(lanes.Select(lane => WriteLane([.. lane], topic, store, writer, metrics)))
                        .ConfigureAwait(false);
                    return rows.Sum();
                }
            );

    /// <summary>
    /// Emits the number of facts (alerts, predictions) written per batch. A record that is not valid is logged, counted and skipped: it
    /// stays in the topic.
    /// </summary>
    /// <param name="partitions">The source.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="what">What the facts are, for the log: "alerts".</param>
    /// <param name="store">Writes facts with the offsets that they cover; writing the same facts again must have no effect.</param>
    /// <param name="writer">Retries a write until it succeeds.</param>
    public static Source<int, NotUsed> Facts<TFact>(
        Source<IPartitionBatches<FactBatch<TFact>>, NotUsed> partitions,
        string topic,
        string what,
        Func<IReadOnlyList<TFact>, IReadOnlyList<IngestOffset>, CancellationToken, Task> store,
        StoreWriter writer
    ) =>
        partitions.MergeMany(
            PartitionStreams.MaxPartitions,
            p =>
                p.ReadBatches()
                    .SelectAsync(
                        1,
                        async batch =>
                        {
                            writer.Refuse(batch.Rejected, topic);
                            var offsets = new[] { new IngestOffset(topic, batch.Partition, batch.NextOffset) };
                            await writer.Write(c => store(batch.Facts, offsets, c), $"{batch.Facts.Count} {what}").ConfigureAwait(false);
                            p.Done(batch);
                            return batch.Facts.Count;
                        }
                    )
        );

    private static async Task<int> WriteLane(Pending[] lane, string topic, ITelemetryStore store, StoreWriter writer, EngineMetrics metrics)
    {
        var batches = Array.ConvertAll(lane, p => p.Batch);
        var rows = batches.Sum(b => b.Count);
        await writer.Write(c => store.WriteSamplesAsync(topic, batches, c), $"{rows} rows").ConfigureAwait(false);
        metrics.Stored(rows);
        metrics.StoreQueue(-rows);
        foreach (var pending in lane)
        {
            pending.Partition.Done(pending.Batch);
        }

        return rows;
    }

    private readonly record struct Pending(SampleBatch Batch, IPartitionBatches<SampleBatch> Partition);
}
