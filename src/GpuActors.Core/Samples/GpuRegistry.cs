namespace GpuActors.Core.Samples;

/// <summary>
/// Interns GPU ids: equal bytes always give the same <see cref="GpuIdentity"/>. Looking up a known id takes no lock and does not allocate;
/// adding a new id takes a lock. Identities are kept until the process ends, because the GPUs of a fleet are few and rarely change.
/// Thread-safe.
/// </summary>
public sealed class GpuRegistry
{
    private readonly Lock _adding = new();
    private volatile Table _table = new(1024);
    private int _count;

    /// <summary>Number of interned GPUs.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets the identity of an id and adds it if it is new.</summary>
    /// <exception cref="ArgumentException">The id is <c>default(GpuId)</c>.</exception>
    public GpuIdentity Intern(GpuId id)
    {
        Span<byte> utf8 = stackalloc byte[GpuId.MaxLength];
        var length = System.Text.Encoding.ASCII.GetBytes(id.Value, utf8);
        return Intern(utf8[..length]) ?? throw new ArgumentException("The id is default(GpuId)", nameof(id));
    }

    /// <summary>
    /// Gets the identity of the id with the bytes <paramref name="utf8"/> and adds it if it is new. Returns null if the bytes are not a
    /// valid id (<see cref="GpuId.IsValid"/>).
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

    // FNV-1a over 8 bytes at a time. UUIDs differ in every part, so a cheap hash is sufficient.
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

    // A hash table with open addressing, at most half full. An entry is completely built before it is published, so a reader without a lock
    // sees either no entry or a complete one.
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
