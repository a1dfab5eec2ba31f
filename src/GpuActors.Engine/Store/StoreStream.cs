using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Store;

/// <summary>
/// STORE: samples into the database in large transactions of whole batches with their offsets. A group is split by partition over the
/// writers, which work side by side; the next group is gathered meanwhile. Back-pressure reaches the consumer by itself: while a write is
/// tried again, one more group is gathered and nothing else is read.
/// </summary>
internal static class StoreStream
{
    /// <summary>
    /// Emits rows written per group. Fails with <see cref="OffsetConflictException"/> when another owner wrote: start again from the stored
    /// offsets.
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
    /// Emits facts written per batch: alerts, predictions. A record that is none is told, counted and passed over: the log still has it.
    /// </summary>
    /// <param name="partitions">The source.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="what">What the facts are, in one word.</param>
    /// <param name="store">Writes facts with the offsets that they cover, and the same ones again without harm.</param>
    /// <param name="writer">Tries a write until it succeeds.</param>
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
