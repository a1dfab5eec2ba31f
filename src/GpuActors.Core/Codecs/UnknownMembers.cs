namespace GpuActors.Core.Codecs;

/// <summary>
/// Counts the members of nested events that <see cref="NestedEventNames"/> does not have, by name. After <see cref="MostNames"/> names, and
/// for names that are too long or not UTF-8, it counts <see cref="Other"/>. Thread-safe.
/// </summary>
public sealed class UnknownMembers
{
    /// <summary>Names that are told apart.</summary>
    public const int MostNames = 100;

    /// <summary>Stands for all other names.</summary>
    public const string Other = "other";

    private readonly Lock _counting = new();
    private readonly Dictionary<string, long> _counts = [];

    /// <summary>The counts so far, by name: section, dot and member.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Counts
    {
        get
        {
            lock (_counting)
            {
                return [.. _counts];
            }
        }
    }

    /// <summary>Counts one.</summary>
    /// <param name="section">Section of <c>metrics</c>.</param>
    /// <param name="member">Member of the section.</param>
    internal void Add(ReadOnlySpan<byte> section, ReadOnlySpan<byte> member)
    {
        Span<char> name = stackalloc char[NestedEventNames.LongestKey];
        var length = NestedEventNames.WriteKey(section, member, name);
        lock (_counting)
        {
            var counts = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
            ReadOnlySpan<char> key = name[..length];
            if (length == 0 || (!counts.ContainsKey(key) && _counts.Count >= MostNames))
            {
                key = Other;
            }

            counts[key] = counts.TryGetValue(key, out var count) ? count + 1 : 1;
        }
    }
}
