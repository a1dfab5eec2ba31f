using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Kafka.Batching;

/// <summary>Records of <c>gpu-alerts</c> into <see cref="AlertBatch"/>es, so that STORE can take alerts from the log. Alerts are few: nothing is reused.</summary>
public sealed class AlertRecordBatcher : IRecordBatcher<AlertBatch>
{
    private readonly PartitionSlots<Open> _open = new();
    private readonly RecordCopy _copy = new();
    private AlertTransition? _pending;
    private RejectReason _reason;
    private string _detail = "";

    /// <inheritdoc/>
    public void Read(RecordView record)
    {
        _copy.Set(record);
        _pending = null;
        (_reason, _detail) = (RejectReason.EmptyValue, "An alert record without a value");
        if (record.Value.IsEmpty)
        {
            return;
        }

        try
        {
            _pending = AlertCodec.Read(record.Value.ToArray());
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
        if (_pending is { } alert)
        {
            open.Transitions.Add(alert);
        }
        else
        {
            open.Rejected.Add(new RejectedRecord(partition, offset, _copy.Key, _copy.Value, _reason, _detail));
        }
    }

    /// <inheritdoc/>
    public AlertBatch Cut(int partition)
    {
        var open = _open.Take(partition) ?? throw new InvalidOperationException($"Partition {partition} has no open batch");
        return new AlertBatch(partition, open.First, open.Next, open.Transitions, open.Rejected);
    }

    /// <inheritdoc/>
    public void Discard(int partition) => _open.Take(partition);

    /// <inheritdoc/>
    public void Recycle(AlertBatch batch)
    {
        // Nothing is kept.
    }

    private sealed class Open(long first)
    {
        public long First { get; } = first;

        public long Next { get; set; }

        public List<AlertTransition> Transitions { get; } = [];

        public List<RejectedRecord> Rejected { get; } = [];
    }
}
