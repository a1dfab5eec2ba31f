using System.Buffers;
using System.Text;
using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Codecs;
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
    /// Emits the number of rows written per group. A partition that another owner has written meanwhile is read again from its stored
    /// offset, and the others go on. Fails when the database refuses everything.
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
                {
                    writer.Watch.Opened(p);
                    return p.ReadBatches()
                        .Select(b =>
                        {
                            metrics.StoreQueue(b.Count);
                            return new Pending(b, p);
                        })
                        .CompleteOnFailure(
                            p,
                            () => writer.Watch.Worked(p.Partition),
                            failure => writer.Watch.Failed(p.Partition, failure.Message)
                        );
                }
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
    /// Emits the number of facts (alerts, predictions) written per batch. A record that is not valid becomes a dead letter.
    /// </summary>
    /// <param name="partitions">The source.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="what">What the facts are, for the log: "alerts".</param>
    /// <param name="store">Writes facts with the offsets that they cover; writing the same facts again must have no effect.</param>
    /// <param name="encode">The record of a fact that the database refuses, for its dead letter.</param>
    /// <param name="writer">Retries a write until it succeeds.</param>
    public static Source<int, NotUsed> Facts<TFact>(
        Source<IPartitionBatches<FactBatch<TFact>>, NotUsed> partitions,
        string topic,
        string what,
        Func<IReadOnlyList<TFact>, IReadOnlyList<IngestOffset>, CancellationToken, Task> store,
        Func<TFact, (GpuId Gpu, byte[] Value)> encode,
        StoreWriter writer
    ) =>
        partitions.MergeMany(
            PartitionStreams.MaxPartitions,
            p =>
            {
                writer.Watch.Opened(p);
                return p.ReadBatches()
                    .SelectAsync(
                        1,
                        async batch =>
                        {
                            await writer.Refuse(batch.Rejected).ConfigureAwait(false);
                            var (facts, at) = (batch.Facts.ToList(), batch.Offsets.ToList());
                            var offsets = new[] { new IngestOffset(topic, batch.Partition, batch.NextOffset) };
                            var rows = await writer
                                .Write(
                                    async c =>
                                    {
                                        await store(facts, offsets, c).ConfigureAwait(false);
                                        return facts.Count;
                                    },
                                    refused =>
                                    {
                                        var (gpu, value) = encode(facts[refused.Index]);
                                        var record = Refused(batch.Partition, at[refused.Index], gpu, value, refused.Reason);
                                        facts.RemoveAt(refused.Index);
                                        at.RemoveAt(refused.Index);
                                        return record;
                                    },
                                    $"{facts.Count} {what}"
                                )
                                .ConfigureAwait(false);
                            p.Done(batch);
                            writer.Watch.Worked(batch.Partition);
                            return rows;
                        }
                    )
                    .CompleteOnFailure(
                        p,
                        () => writer.Watch.Worked(p.Partition),
                        failure => writer.Watch.Failed(p.Partition, failure.Message)
                    );
            }
        );

    private static async Task<int> WriteLane(Pending[] lane, string topic, ITelemetryStore store, StoreWriter writer, EngineMetrics metrics)
    {
        var count = lane.Sum(p => p.Batch.Count);
        try
        {
            while (true)
            {
                // A partition that has left, or is read again, has another reader for these batches.
                lane = Array.FindAll(lane, p => !p.Partition.HasGone);
                try
                {
                    return await WriteOnce(lane, topic, store, writer, metrics).ConfigureAwait(false);
                }
                catch (OffsetConflictException e) when (lane.Any(p => p.Batch.Partition == e.Partition))
                {
                    var stale = Array.Find(lane, p => p.Batch.Partition == e.Partition).Partition;
                    writer.Watch.Failed(e.Partition, e.Message);
                    stale.ReaderStopped();
                    lane = Array.FindAll(lane, p => p.Batch.Partition != e.Partition);
                }
            }
        }
        finally
        {
            metrics.StoreQueue(-count);
        }
    }

    private static async Task<int> WriteOnce(Pending[] lane, string topic, ITelemetryStore store, StoreWriter writer, EngineMetrics metrics)
    {
        if (lane.Length == 0)
        {
            return 0;
        }

        var batches = Array.ConvertAll(lane, p => p.Batch);
        var rows = await writer
            .Write(
                c => store.WriteSamplesAsync(topic, batches, c),
                refused => TakeOut(batches, refused),
                $"{batches.Sum(b => b.Count)} rows"
            )
            .ConfigureAwait(false);
        metrics.Stored(rows);
        foreach (var pending in lane)
        {
            pending.Partition.Done(pending.Batch);
            writer.Watch.Worked(pending.Batch.Partition);
        }

        return rows;
    }

    // The dead letter of a sample has the sample as this system writes it: the original bytes were decoded in the client's memory.
    private static RejectedRecord TakeOut(SampleBatch[] batches, RefusedRow refused)
    {
        var index = refused.Index;
        var batch = Array.Find(batches, batch => index < batch.Count || (index -= batch.Count) < 0)!;
        var sample = batch.Samples[index];
        var value = new ArrayBufferWriter<byte>();
        SampleEncoder.Write(value, sample);
        var record = Refused(batch.Partition, sample.Offset, sample.Gpu.Id, value.WrittenSpan.ToArray(), refused.Reason);
        batch.Reject(index, record);
        return record;
    }

    private static RejectedRecord Refused(int partition, long offset, GpuId gpu, byte[] value, string reason) =>
        new(partition, offset, Encoding.ASCII.GetBytes(gpu.Value), value, RejectReason.RefusedByDatabase, reason);

    private readonly record struct Pending(SampleBatch Batch, IPartitionBatches<SampleBatch> Partition);
}
