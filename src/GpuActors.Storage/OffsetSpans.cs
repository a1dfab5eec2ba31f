using GpuActors.Core.Samples;

namespace GpuActors.Storage;

/// <summary>
/// The offsets that one write covers. All batches of a partition form one span, so that the offset of each partition is checked and moved
/// once.
/// </summary>
internal static class OffsetSpans
{
    /// <summary>
    /// Gets the spans in order of their partitions, so that concurrent writers take the row locks in the same order and never deadlock.
    /// Empty batches are ignored.
    /// </summary>
    /// <exception cref="ArgumentException">Batches of one partition overlap or are not in offset order.</exception>
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
                    $"Batches of partition {batch.Partition} overlap: one ends at offset {span.Next}, the next starts at offset "
                        + $"{batch.FirstOffset}",
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
