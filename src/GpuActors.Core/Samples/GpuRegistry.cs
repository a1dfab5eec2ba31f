namespace GpuActors.Core.Samples;

/// <summary>
/// Interns GPU ids from bytes: the same bytes always give the same <see cref="GpuIdentity"/>. Look-ups take no lock and allocate nothing;
/// a first sight takes a lock. Identities are kept for the life of the process (a fleet's GPUs are few and stay).
/// </summary>
public sealed class GpuRegistry
{
    private readonly Lock _adding = new();
    private volatile Table _table = new(1024);
    private int _count;

    /// <summary>Number of GPUs seen.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The identity of a valid id.</summary>
    public GpuIdentity Intern(GpuId id)
    {
        Span<byte> utf8 = stackalloc byte[GpuId.MaxLength];
        var length = System.Text.Encoding.ASCII.GetBytes(id.Value, utf8);
        return Intern(utf8[..length]) ?? throw new ArgumentException("The id is default(GpuId)", nameof(id));
    }

    /// <summary>
    /// The identity of the id that <paramref name="utf8"/> spells, or null when that is no valid id (<see cref="GpuId.IsValid"/>).
    /// </summary>
    public GpuIdentity? Intern(ReadOnlySpan<byte> utf8)
    {
        var hash = Hash(utf8);
        return _table.Find(utf8, hash) ?? Add(utf8, hash);
    }

    private GpuIdentity? Add(ReadOnlySpan<byte> utf8, uint hash)
    {
        if (!GpuId.IsValid(utf8))
        {
            return null;
        }

        lock (_adding)
        {
            var table = _table;
            if (table.Find(utf8, hash) is { } other)
            {
                return other;
            }

            var identity = new GpuIdentity(GpuId.Parse(System.Text.Encoding.ASCII.GetString(utf8)), utf8.ToArray(), _count);
            if ((_count + 1) * 2 > table.Entries.Length)
            {
                table = table.Grow();
            }

            table.Insert(identity, hash);
            _table = table;
            Volatile.Write(ref _count, _count + 1);
            return identity;
        }
    }

    // FNV-1a over 8 bytes at a time: UUIDs differ in every part, so a cheap mix is enough.
    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = 14695981039346656037UL;
        while (utf8.Length >= 8)
        {
            hash = (hash ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(utf8)) * 1099511628211UL;
            hash ^= hash >> 29;
            utf8 = utf8[8..];
        }

        foreach (var b in utf8)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return (uint)(hash ^ (hash >> 32));
    }

    // Open addressing, at most half full. An entry is published last, so a reader sees either nothing or the whole of it.
    private sealed class Table(int capacity)
    {
        public readonly Entry?[] Entries = new Entry?[capacity];

        public GpuIdentity? Find(ReadOnlySpan<byte> utf8, uint hash)
        {
            var mask = (uint)Entries.Length - 1;
            for (var i = hash & mask; ; i = (i + 1) & mask)
            {
                var entry = Volatile.Read(ref Entries[i]);
                if (entry is null)
                {
                    return null;
                }

                if (entry.Hash == hash && entry.Identity.Utf8.Span.SequenceEqual(utf8))
                {
                    return entry.Identity;
                }
            }
        }

        public void Insert(GpuIdentity identity, uint hash) => Insert(new Entry(identity, hash));

        public Table Grow()
        {
            var larger = new Table(Entries.Length * 2);
            foreach (var entry in Entries)
            {
                if (entry is not null)
                {
                    larger.Insert(entry);
                }
            }

            return larger;
        }

        private void Insert(Entry entry)
        {
            var mask = (uint)Entries.Length - 1;
            var i = entry.Hash & mask;
            while (Entries[i] is not null)
            {
                i = (i + 1) & mask;
            }

            Volatile.Write(ref Entries[i], entry);
        }
    }

    private sealed record Entry(GpuIdentity Identity, uint Hash);
}
