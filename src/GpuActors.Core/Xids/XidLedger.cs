namespace GpuActors.Core.Xids;

/// <summary>
/// The XIDs of one GPU: how often and when each code occurred, and which sources reported it. Sources report the same occurrence at
/// different times, and some miss occurrences: reports of a code within a span of each other are the same occurrence. Not thread-safe.
/// </summary>
public sealed class XidLedger
{
    /// <summary>Most codes that are kept; beyond, the code whose last occurrence is the oldest is dropped.</summary>
    public const int MostCodes = 64;

    private readonly SortedDictionary<int, Entry> _entries = []; // Sorted, so that a restart changes no order.

    /// <summary>All codes in ascending order.</summary>
    public IEnumerable<XidRecord> Records =>
        _entries.Select(e => new XidRecord(e.Key, e.Value.Count, e.Value.FirstMs, e.Value.LastMs, e.Value.Source));

    /// <summary>Takes occurrences of a code.</summary>
    /// <param name="code">The XID.</param>
    /// <param name="occurrences">How many the source reports, above 0.</param>
    /// <param name="source">The source.</param>
    /// <param name="timeMs">When, Unix milliseconds.</param>
    /// <param name="sameMs">Span within which sources report the same occurrence.</param>
    /// <returns>How many of them are new.</returns>
    public int Observe(int code, int occurrences, XidSource source, long timeMs, long sameMs)
    {
        if (!_entries.TryGetValue(code, out var entry))
        {
            Forget();
            _entries[code] = entry = new Entry { FirstMs = timeMs, LastMs = timeMs };
        }

        if (entry.IsRecalled && timeMs == entry.LastMs)
        {
            (entry.Count, entry.IsRecalled) = (0, false);
        }

        if (Math.Abs(timeMs - entry.SeenMs) > sameMs)
        {
            Array.Clear(entry.Seen);
        }

        // Of occurrences that follow each other closely, the source that reports most has the count.
        var before = entry.Seen.Max();
        entry.Seen[(int)source] += occurrences;
        var added = entry.Seen.Max() - before;
        entry.SeenMs = Math.Max(entry.SeenMs, timeMs);
        entry.Count += added;
        entry.FirstMs = Math.Min(entry.FirstMs, timeMs);
        entry.LastMs = Math.Max(entry.LastMs, timeMs);
        entry.Source = source > entry.Source ? source : entry.Source;
        return added;
    }

    /// <summary>
    /// Takes over an occurrence of which only the time is known. The same one, when a replay reports it again, is not counted twice.
    /// </summary>
    public void Recall(int code, long timeMs)
    {
        if (_entries.ContainsKey(code))
        {
            return;
        }

        Forget();
        _entries[code] = new Entry
        {
            Count = 1,
            FirstMs = timeMs,
            LastMs = timeMs,
            IsRecalled = true,
        };
    }

    /// <summary>Takes over the occurrences of another ledger, which are older than those of this one.</summary>
    public void Recover(XidLedger older)
    {
        foreach (var (code, before) in older._entries)
        {
            if (!_entries.TryGetValue(code, out var entry))
            {
                Forget();
                _entries[code] = before;
                continue;
            }

            // What was recalled of an alert is an occurrence of the older ledger, unless that ends before it.
            entry.Count += before.Count - (entry.IsRecalled && before.LastMs >= entry.LastMs ? 1 : 0);
            entry.FirstMs = Math.Min(entry.FirstMs, before.FirstMs);
            entry.LastMs = Math.Max(entry.LastMs, before.LastMs);
        }
    }

    /// <summary>Counts a burst of a code: occurrences that follow each other closely are one.</summary>
    /// <returns>Bursts that began within the window that ends now, this one included; at most 8 are told apart.</returns>
    public int Burst(int code, long timeMs, long gapMs, long windowMs)
    {
        const int Most = 8;
        if (!_entries.TryGetValue(code, out var entry))
        {
            return 0;
        }

        if (entry.Bursts.Count == 0 || timeMs - entry.BurstMs > gapMs)
        {
            entry.Bursts.Enqueue(timeMs);
        }

        entry.BurstMs = Math.Max(entry.BurstMs, timeMs);
        while (entry.Bursts.Count > Most)
        {
            _ = entry.Bursts.Dequeue();
        }

        return BurstsSince(code, timeMs - windowMs);
    }

    /// <summary>Bursts of a code that began at a time or later.</summary>
    public int BurstsSince(int code, long fromMs) => _entries.TryGetValue(code, out var entry) ? entry.Bursts.Count(b => b >= fromMs) : 0;

    /// <summary>Time of the last occurrence of a code, Unix milliseconds; far in the past when there is none.</summary>
    public long LastMs(int code) => _entries.TryGetValue(code, out var entry) ? entry.LastMs : long.MinValue / 2;

    /// <summary>The driver was reloaded: what is reported from now on is another occurrence than what was reported before.</summary>
    public void Reloaded(long timeMs)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.SeenMs < timeMs)
            {
                Array.Clear(entry.Seen);
            }
        }
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_entries.Count);
        foreach (var (code, entry) in _entries)
        {
            writer.Write7BitEncodedInt(code);
            writer.Write7BitEncodedInt64(entry.Count);
            writer.Write(entry.FirstMs);
            writer.Write(entry.LastMs);
            writer.Write((byte)entry.Source);
            writer.Write(entry.SeenMs);
            foreach (var seen in entry.Seen)
            {
                writer.Write7BitEncodedInt(seen);
            }

            writer.Write(entry.BurstMs);
            writer.Write((byte)entry.Bursts.Count);
            foreach (var burst in entry.Bursts)
            {
                writer.Write(burst);
            }
        }
    }

    internal void Load(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var entry = _entries[reader.Read7BitEncodedInt()] = new Entry
            {
                Count = reader.Read7BitEncodedInt64(),
                FirstMs = reader.ReadInt64(),
                LastMs = reader.ReadInt64(),
                Source = (XidSource)reader.ReadByte(),
                SeenMs = reader.ReadInt64(),
            };
            for (var i = 0; i < entry.Seen.Length; i++)
            {
                entry.Seen[i] = reader.Read7BitEncodedInt();
            }

            entry.BurstMs = reader.ReadInt64();
            for (var bursts = reader.ReadByte(); bursts > 0; bursts--)
            {
                entry.Bursts.Enqueue(reader.ReadInt64());
            }
        }
    }

    private void Forget()
    {
        if (_entries.Count >= MostCodes)
        {
            _ = _entries.Remove(_entries.MinBy(e => (e.Value.LastMs, e.Key)).Key);
        }
    }

    private sealed class Entry
    {
        private const long Never = long.MinValue / 2;

        public long Count,
            FirstMs,
            LastMs,
            SeenMs = Never,
            BurstMs = Never;
        public readonly int[] Seen = new int[3]; // By source, of the occurrences that follow each other closely.
        public XidSource Source;
        public readonly Queue<long> Bursts = new();
        public bool IsRecalled; // The only occurrence is known from an alert. Not saved: a replay does not go back over a checkpoint.
    }
}
