using System.Text;
using GpuActors.Kafka.Batching;

namespace GpuActors.Kafka.Tests;

public sealed record TextRecord(int Partition, long Offset, string? Key, string? Value, long TimestampMs);

/// <summary>Keeps records as text.</summary>
public sealed class TextBatcher : IRecordBatcher<List<TextRecord>>
{
    private readonly Dictionary<int, List<TextRecord>> _open = [];
    private (string? Key, string? Value) _pending;

    public void Read(RecordView record) =>
        _pending = (
            record.HasKey ? Encoding.UTF8.GetString(record.Key) : null,
            record.HasValue ? Encoding.UTF8.GetString(record.Value) : null
        );

    public void Add(int partition, long offset, long timestampMs)
    {
        if (!_open.TryGetValue(partition, out var batch))
        {
            _open[partition] = batch = [];
        }

        batch.Add(new TextRecord(partition, offset, _pending.Key, _pending.Value, timestampMs));
    }

    public List<TextRecord> Cut(int partition) =>
        _open.Remove(partition, out var batch) ? batch : throw new InvalidOperationException("no open batch");

    public void Discard(int partition) => _open.Remove(partition);

    public void Recycle(List<TextRecord> batch) { }
}
