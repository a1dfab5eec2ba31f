namespace GpuActors.Core.Samples;

/// <summary>
/// The samples that one poll returned for one partition. The batch is the unit that the consumer passes to the actors or to COPY and that
/// they acknowledge. Batches are pooled: after the acknowledgement the owner calls <see cref="Reset"/>, and the sample objects are filled
/// again. Not thread-safe: only one stage may work on a batch at a time.
/// </summary>
public sealed class SampleBatch
{
    private GpuSample[] _samples = [];
    private readonly List<RejectedRecord> _rejected = [];

    /// <summary>Partition of all records of the batch.</summary>
    public int Partition { get; private set; }

    /// <summary>Offset of the first record, rejected records included; -1 if the batch is empty.</summary>
    public long FirstOffset { get; private set; }

    /// <summary>
    /// Offset from which to continue once the batch is complete: the last record's offset plus one; -1 if the batch is empty.
    /// </summary>
    public long NextOffset { get; private set; }

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Number of records: samples and rejected records.</summary>
    public int RecordCount => Count + _rejected.Count;

    /// <summary>The samples, in offset order.</summary>
    public ReadOnlySpan<GpuSample> Samples => _samples.AsSpan(0, Count);

    /// <summary>The rejected records, in offset order.</summary>
    public IReadOnlyList<RejectedRecord> Rejected => _rejected;

    /// <summary>Empties the batch for new records of <paramref name="partition"/>. The sample objects are kept for reuse.</summary>
    public void Reset(int partition)
    {
        Partition = partition;
        FirstOffset = -1;
        NextOffset = -1;
        Count = 0;
        _rejected.Clear();
    }

    /// <summary>
    /// Gets the next free sample, cleared, for a decoder to fill. It becomes part of the batch when <see cref="Accept"/> is called.
    /// </summary>
    public GpuSample Next()
    {
        if (Count == _samples.Length)
        {
            var larger = new GpuSample[Math.Max(64, _samples.Length * 2)];
            _samples.CopyTo(larger, 0);
            _samples = larger;
        }

        var sample = _samples[Count] ??= new GpuSample();
        sample.Clear();
        return sample;
    }

    /// <summary>Adds the sample that <see cref="Next"/> returned, after it was decoded and validated.</summary>
    public void Accept(long offset)
    {
        Count++;
        Advance(offset);
    }

    /// <summary>
    /// Adds a sample object that was decoded outside of the batch. It serves decoders that know the batch of a sample only after decoding
    /// it.
    /// </summary>
    /// <returns>A cleared sample object in exchange, for the next record.</returns>
    public GpuSample Exchange(GpuSample decoded, long offset)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        var free = Next();
        _samples[Count] = decoded;
        Accept(offset);
        return free;
    }

    /// <summary>Adds a rejected record.</summary>
    public void Reject(RejectedRecord record)
    {
        _rejected.Add(record);
        Advance(record.Offset);
    }

    /// <summary>Replaces a sample by a rejected record with its offset. The sample object is kept for reuse.</summary>
    /// <param name="index">Position of the sample in <see cref="Samples"/>; the samples after it move up.</param>
    /// <param name="record">What it is replaced by.</param>
    public void Reject(int index, RejectedRecord record)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        ArgumentNullException.ThrowIfNull(record);
        var sample = _samples[index];
        Count--;
        Array.Copy(_samples, index + 1, _samples, index, Count - index);
        _samples[Count] = sample;
        var at = _rejected.FindIndex(other => other.Offset > record.Offset);
        _rejected.Insert(at < 0 ? _rejected.Count : at, record);
    }

    private void Advance(long offset)
    {
        if (FirstOffset < 0)
        {
            FirstOffset = offset;
        }

        NextOffset = offset + 1;
    }
}
