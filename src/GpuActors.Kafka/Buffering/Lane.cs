namespace GpuActors.Kafka.Buffering;

/// <summary>
/// Records in the order in which they go out: those that came back first, by their numbers, then the others. Not thread-safe.
/// </summary>
internal sealed class Lane
{
    private static readonly TimeSpan FirstHold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<long, BufferedRecord> _returned = [];
    private readonly Queue<BufferedRecord> _waiting = new();

    /// <summary>Records in the lane.</summary>
    public int Count => _returned.Count + _waiting.Count;

    /// <summary>Their memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>Records of this lane that the client has.</summary>
    public int InFlight { get; set; }

    /// <summary>How long to wait after a refusal; zero while nothing is refused.</summary>
    public TimeSpan Hold { get; private set; }

    /// <summary>When the last refusal came.</summary>
    public long HeldAt { get; private set; }

    /// <summary>Notes a refusal: the lane waits for a second at first, then twice as long each time.</summary>
    /// <param name="now">The time, as a timestamp of the clock.</param>
    public void HoldLonger(long now)
    {
        HeldAt = now;
        var twice = Hold * 2;
        Hold =
            Hold == TimeSpan.Zero ? FirstHold
            : twice < LongestHold ? twice
            : LongestHold;
    }

    /// <summary>Nothing is refused any more.</summary>
    public void Release() => Hold = TimeSpan.Zero;

    /// <summary>Adds the newest record.</summary>
    public void Add(BufferedRecord record)
    {
        _waiting.Enqueue(record);
        Bytes += record.Bytes;
    }

    /// <summary>Returns a record to its place.</summary>
    public void PutBack(BufferedRecord record)
    {
        _returned.Add(record.Number, record);
        Bytes += record.Bytes;
    }

    /// <summary>When the oldest record came.</summary>
    public long PeekSince() => Peek().Since;

    /// <summary>Memory of the oldest record.</summary>
    public int PeekBytes() => Peek().Bytes;

    /// <summary>Removes the oldest record.</summary>
    public BufferedRecord Take()
    {
        var record = Peek();
        if (_returned.Count > 0)
        {
            _returned.Remove(record.Number);
        }
        else
        {
            _waiting.Dequeue();
        }

        Bytes -= record.Bytes;
        return record;
    }

    /// <summary>Removes all records.</summary>
    public IReadOnlyList<BufferedRecord> TakeAll()
    {
        BufferedRecord[] all = [.. _returned.Values, .. _waiting];
        _returned.Clear();
        _waiting.Clear();
        Bytes = 0;
        return all;
    }

    private BufferedRecord Peek() => _returned.Count > 0 ? _returned.First().Value : _waiting.Peek();
}
