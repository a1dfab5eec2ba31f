using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Kafka.Batching;

/// <summary>
/// Records of a topic of facts, such as <c>gpu-alerts</c>, into <see cref="FactBatch{TFact}"/>es, so that STORE can take them from the log.
/// They are few: nothing is reused.
/// </summary>
/// <typeparam name="TFact">What a record says.</typeparam>
/// <param name="read">Reads a record's value; throws <see cref="FormatException"/> when it is none, with the reason in words.</param>
public sealed class FactRecordBatcher<TFact>(Func<ReadOnlyMemory<byte>, TFact> read) : IRecordBatcher<FactBatch<TFact>>
    where TFact : class
{
    private readonly PartitionSlots<Open> _open = new();
    private readonly RecordCopy _copy = new();
    private TFact? _pending;
    private RejectReason _reason;
    private string _detail = "";

    /// <inheritdoc/>
    public void Read(RecordView record)
    {
        _copy.Set(record);
        _pending = null;
        (_reason, _detail) = (RejectReason.EmptyValue, "The record has no value");
        if (record.Value.IsEmpty)
        {
            return;
        }

        try
        {
            _pending = read(record.Value.ToArray());
        }
        catch (FormatException e)
        {
            (_reason, _detail) = (RejectReason.MalformedJson, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Add(int partition, long offset, long timestampMs)
    {
        var open = _open[partition] ??= new Open(offset);
        open.Next = offset + 1;
        if (_pending is { } fact)
        {
            open.Facts.Add(fact);
            open.Offsets.Add(offset);
        }
        else
        {
            open.Rejected.Add(new RejectedRecord(partition, offset, _copy.Key, _copy.Value, _reason, _detail));
        }
    }

    /// <inheritdoc/>
    public FactBatch<TFact> Cut(int partition)
    {
        var open = _open.Take(partition) ?? throw new InvalidOperationException($"Partition {partition} has no open batch");
        return new FactBatch<TFact>(partition, open.First, open.Next, open.Facts, open.Offsets, open.Rejected);
    }

    /// <inheritdoc/>
    public void Discard(int partition) => _open.Take(partition);

    /// <inheritdoc/>
    public void Recycle(FactBatch<TFact> batch)
    {
        // Batches are not reused.
    }

    private sealed class Open(long first)
    {
        public long First { get; } = first;

        public long Next { get; set; }

        public List<TFact> Facts { get; } = [];

        public List<long> Offsets { get; } = [];

        public List<RejectedRecord> Rejected { get; } = [];
    }
}
