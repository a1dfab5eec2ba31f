using GpuActors.Core.Logs;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Kafka.Batching;

/// <summary>
/// Collects the records of <c>gpu-logs</c> into <see cref="KernelLogBatch"/>es, and compares their times with the broker's clock as for
/// samples. Such records are few: batches are not reused.
/// </summary>
public sealed class LogRecordBatcher : IRecordBatcher<KernelLogBatch>
{
    // The years 1 to 9999: where the topic stores the times of producers, a record may have any number.
    private const long EarliestMs = -62_135_596_800_000,
        LatestMs = 253_402_300_799_999;

    private readonly PartitionSlots<Open> _open = new();
    private readonly RecordCopy _copy = new();
    private readonly ValidationSettings _validation;
    private KernelLogEvent? _pending;
    private RejectReason _reason;
    private string _detail = "";

    /// <summary>Creates the batcher of one consumer.</summary>
    /// <param name="validation">Largest record, and how far its time may be off.</param>
    public LogRecordBatcher(ValidationSettings validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        validation.Validate();
        _validation = validation;
    }

    /// <inheritdoc/>
    public void Read(RecordView record)
    {
        _copy.Set(record);
        _pending = null;
        (_reason, _detail) =
            record.Value.Length > _validation.MaxValueBytes
                ? (RejectReason.ValueTooLarge, $"The value has {record.Value.Length} bytes, {_validation.MaxValueBytes} are allowed")
                : (KernelLogCodec.Read(record.Value, out _pending, out var detail), detail);
    }

    /// <inheritdoc/>
    public void Add(int partition, long offset, long timestampMs)
    {
        var open = _open[partition] ??= new Open(offset);
        open.Next = offset + 1;
        if (_pending is { } line && IsTimely(line, timestampMs))
        {
            open.Lines.Add(new KernelLogRecord(offset, timestampMs, line));
        }
        else
        {
            open.Rejected.Add(new RejectedRecord(partition, offset, _copy.Key, _copy.Value, _reason, _detail));
        }
    }

    /// <inheritdoc/>
    public KernelLogBatch Cut(int partition)
    {
        var open = _open.Take(partition) ?? throw new InvalidOperationException($"Partition {partition} has no open batch");
        return new KernelLogBatch(partition, open.First, open.Next, open.Lines, open.Rejected);
    }

    /// <inheritdoc/>
    public void Discard(int partition) => _open.Take(partition);

    /// <inheritdoc/>
    public void Recycle(KernelLogBatch batch)
    {
        // Batches are not reused.
    }

    private bool IsTimely(KernelLogEvent line, long timestampMs)
    {
        var ahead = TimeSpan.FromMilliseconds(line.TimeMs - Math.Clamp(timestampMs, EarliestMs, LatestMs));
        (_reason, _detail) =
            ahead > _validation.MaxAhead
                ? (
                    RejectReason.TimeInFuture,
                    $"Member 'ts' is {ahead} ahead of the broker's clock; gpu-actors.validation.max-ahead is {_validation.MaxAhead}"
                )
            : -ahead > _validation.MaxAge
                ? (
                    RejectReason.TimeTooOld,
                    $"Member 'ts' is {-ahead} behind the broker's clock; gpu-actors.validation.max-age is {_validation.MaxAge}"
                )
            : (RejectReason.None, "");
        return _reason == RejectReason.None;
    }

    private sealed class Open(long first)
    {
        public long First { get; } = first;

        public long Next { get; set; }

        public List<KernelLogRecord> Lines { get; } = [];

        public List<RejectedRecord> Rejected { get; } = [];
    }
}
