using Akka;
using Akka.Streams;
using Akka.Streams.Dsl;
using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Store;

/// <summary>
/// STORE: samples into the database in large transactions. Partitions are spread over writers; a writer's batches stay in order, and
/// a transaction holds whole batches with their offsets. Back-pressure reaches the consumer by itself: while a write is tried
/// again, one more group is gathered and nothing else is read.
/// </summary>
internal static class StoreStream
{
    private const int MaxPartitions = 4096;

    /// <summary>Emits rows written per transaction. Fails with <see cref="OffsetConflictException"/> when another owner wrote: restart from the stored offsets.</summary>
    public static Source<int, TMat> Samples<TMat>(
        Source<PartitionSource<SampleBatch>, TMat> partitions, string topic, ITelemetryStore store, StoreWriter writer, StoreSettings settings, EngineMetrics metrics)
    {
        var pending = (Source<Pending, TMat>)partitions.MergeMany(MaxPartitions, p => p.Batches.Select(b =>
        {
            metrics.StoreQueue(b.Count);
            return new Pending(b, p.Done);
        }));
        return (Source<int, TMat>)pending
            .GroupBy(settings.Writers, p => p.Batch.Partition % settings.Writers)
            .GroupedWeightedWithin(settings.MaxBatchRows, settings.FlushInterval, p => Math.Max(1, p.Batch.Count))
            .SelectAsync(1, async group =>
            {
                var batches = group.Select(p => p.Batch).ToList();
                var rows = batches.Sum(b => b.Count);
                await writer.Write(c => store.WriteSamplesAsync(topic, batches, c), $"{rows} rows").ConfigureAwait(false);
                metrics.Stored(rows);
                metrics.StoreQueue(-rows);
                foreach (var p in group)
                {
                    p.Done(p.Batch);
                }

                return rows;
            })
            .MergeSubstreams();
    }

    /// <summary>Emits transitions written per batch.</summary>
    public static Source<int, TMat> Alerts<TMat>(Source<PartitionSource<AlertBatch>, TMat> partitions, string topic, ITelemetryStore store, StoreWriter writer) =>
        (Source<int, TMat>)partitions.MergeMany(MaxPartitions, p => p.Batches.SelectAsync(1, async batch =>
        {
            await writer.Write(c => store.WriteAlertsAsync(batch.Transitions, [new IngestOffset(topic, batch.Partition, batch.NextOffset)], c), $"{batch.Transitions.Count} alerts").ConfigureAwait(false);
            p.Done(batch);
            return batch.Transitions.Count;
        }));

    private readonly record struct Pending(SampleBatch Batch, Action<SampleBatch> Done);
}
