using GpuActors.Core.Samples;

namespace GpuActors.Storage;

/// <summary>What a write covers of each partition: batches of one partition are one span, checked once and moved once.</summary>
internal static class OffsetSpans
{
    /// <summary>Spans in order of partition, so that concurrent writers take row locks in one order and never deadlock.</summary>
    /// <exception cref="ArgumentException">Batches of one partition are not in offset order.</exception>
    public static IReadOnlyList<(int Partition, long First, long Next)> Of(IReadOnlyList<SampleBatch> batches)
    {
        var spans = new SortedDictionary<int, (long First, long Next)>();
        foreach (var batch in batches)
        {
            if (batch.RecordCount == 0)
            {
                continue;
            }

            if (!spans.TryGetValue(batch.Partition, out var span))
            {
                spans[batch.Partition] = (batch.FirstOffset, batch.NextOffset);
            }
            else if (batch.FirstOffset < span.Next)
            {
                throw new ArgumentException(
                    $"Batches of partition {batch.Partition} overlap: one ends at {span.Next}, the next starts at {batch.FirstOffset}",
                    nameof(batches)
                );
            }
            else
            {
                spans[batch.Partition] = (span.First, batch.NextOffset);
            }
        }

        return spans.Select(s => (s.Key, s.Value.First, s.Value.Next)).ToList();
    }
}
