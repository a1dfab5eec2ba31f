namespace GpuActors.Core.Samples;

/// <summary>
/// What one poll brought from one partition: the unit that travels from the consumer to actors or COPY and back as an acknowledgement.
/// Reused: its owner calls <see cref="Reset"/> when the batch has been acknowledged, and the samples in it are filled again.
/// Only one stage works on a batch at a time.
/// </summary>
public sealed class SampleBatch
{
    private GpuSample[] _samples = [];
    private readonly List<RejectedRecord> _rejected = [];

    /// <summary>Partition of all records of the batch.</summary>
    public int Partition { get; private set; }

    /// <summary>Offset of the first record, samples and rejects alike.</summary>
    public long FirstOffset { get; private set; }

    /// <summary>The offset to go on from once the batch is done: the last record's plus one.</summary>
    public long NextOffset { get; private set; }

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Records in all: samples and rejects.</summary>
    public int RecordCount => Count + _rejected.Count;

    /// <summary>The samples, in offset order.</summary>
    public ReadOnlySpan<GpuSample> Samples => _samples.AsSpan(0, Count);

    /// <summary>Records that are no samples.</summary>
    public IReadOnlyList<RejectedRecord> Rejected => _rejected;

    /// <summary>Empties the batch for new records of <paramref name="partition"/>. The sample objects stay for reuse.</summary>
    public void Reset(int partition)
    {
        Partition = partition;
        FirstOffset = -1;
        NextOffset = -1;
        Count = 0;
        _rejected.Clear();
    }

    /// <summary>The next free sample, cleared, for a decoder to fill. It counts only after <see cref="Accept"/>.</summary>
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

    /// <summary>Takes the sample that <see cref="Next"/> gave, now decoded and valid.</summary>
    public void Accept(long offset)
    {
        Count++;
        Advance(offset);
    }

    /// <summary>
    /// Takes a sample that was decoded outside of the batch, for a decoder that learns only afterwards which batch it belongs to.
    /// </summary>
    /// <returns>The object whose place it took, cleared: the decoder's next one.</returns>
    public GpuSample Exchange(GpuSample decoded, long offset)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        var free = Next();
        _samples[Count] = decoded;
        Accept(offset);
        return free;
    }

    /// <summary>Takes a record that is no sample.</summary>
    public void Reject(RejectedRecord record)
    {
        _rejected.Add(record);
        Advance(record.Offset);
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
