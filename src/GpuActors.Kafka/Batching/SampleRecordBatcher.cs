using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Kafka.Batching;

/// <summary>
/// Collects the records of <c>gpu-metrics-raw</c> into <see cref="SampleBatch"/>es. Records are decoded in place and validated against the
/// broker's clock; rejected ones are kept with their bytes for the dead-letter topic. In the steady state a sample allocates nothing.
/// </summary>
public sealed class SampleRecordBatcher : IRecordBatcher<SampleBatch>
{
    private readonly RecordDecoder _decoder;
    private readonly SampleValidator _validator;
    private readonly int _maxValueBytes;
    private readonly PartitionSlots<SampleBatch> _open = new();
    private readonly BatchPool<SampleBatch> _pool;
    private readonly RecordCopy _copy = new();
    private GpuSample _spare = new();
    private RejectReason _reason;
    private string _detail = "";

    /// <summary>Creates the batcher of one consumer.</summary>
    /// <param name="registry">The GPU identities, shared by the process.</param>
    /// <param name="validation">The limits of plausible values.</param>
    /// <param name="pooledBatches">Batches kept for reuse. Default 64: more than are in flight in the steady state.</param>
    public SampleRecordBatcher(GpuRegistry registry, ValidationSettings validation, int pooledBatches = 64)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentOutOfRangeException.ThrowIfNegative(pooledBatches);
        _decoder = new RecordDecoder(registry, KafkaMetrics.UnknownMembers);
        _validator = new SampleValidator(validation);
        _maxValueBytes = validation.MaxValueBytes;
        ReadsContentType = validation.ReadContentType;
        _pool = new BatchPool<SampleBatch>(pooledBatches);
    }

    /// <summary>The decoder, for its counters.</summary>
    public RecordDecoder Decoder => _decoder;

    /// <summary>The validator, for its counters.</summary>
    public SampleValidator Validator => _validator;

    /// <inheritdoc/>
    public bool ReadsContentType { get; }

    /// <inheritdoc/>
    public void Read(RecordView record)
    {
        _copy.Set(record);
        if (record.Value.Length > _maxValueBytes)
        {
            _reason = RejectReason.ValueTooLarge;
            _detail = $"The value has {record.Value.Length} bytes, {_maxValueBytes} are allowed";
            return;
        }

        _spare.Clear();
        _reason = _decoder.Decode(record.Value, record.ContentType, _spare);
        if (_reason != RejectReason.None)
        {
            _detail = _decoder.LastDetail;
        }
    }

    /// <inheritdoc/>
    public void Add(int partition, long offset, long timestampMs)
    {
        var batch = _open[partition] ??= Open(partition);
        if (_reason == RejectReason.None)
        {
            _reason = _validator.Validate(_spare, timestampMs);
            _detail = _reason == RejectReason.None ? "" : _validator.LastDetail;
        }

        if (_reason != RejectReason.None)
        {
            batch.Reject(new RejectedRecord(partition, offset, _copy.Key, _copy.Value, _reason, _detail));
            return;
        }

        _spare.Partition = partition;
        _spare.Offset = offset;
        _spare.AppendTimeMs = timestampMs;
        _spare = batch.Exchange(_spare, offset);
    }

    /// <inheritdoc/>
    public SampleBatch Cut(int partition) =>
        _open.Take(partition) ?? throw new InvalidOperationException($"Partition {partition} has no open batch");

    /// <inheritdoc/>
    public void Discard(int partition)
    {
        if (_open.Take(partition) is { } batch)
        {
            Recycle(batch);
        }
    }

    /// <inheritdoc/>
    public void Recycle(SampleBatch batch) => _pool.Return(batch);

    private SampleBatch Open(int partition)
    {
        var batch = _pool.TryTake(out var used) ? used : new SampleBatch();
        batch.Reset(partition);
        return batch;
    }
}
