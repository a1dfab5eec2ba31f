using System.Collections.Frozen;
using System.Text;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The order in which a producer writes its metrics. Collectors write the catalogue's order and leave out what is missing, so the name
/// of the next metric can be guessed and compared as bytes instead of looked up.
/// </summary>
internal sealed class SampleLayout
{
    private static readonly FrozenDictionary<string, int> SlotOf = MetricCatalog.All.ToFrozenDictionary(
        m => m.Name,
        m => (int)m.Metric,
        StringComparer.Ordinal
    );
    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> SlotOfSpan = SlotOf.GetAlternateLookup<
        ReadOnlySpan<char>
    >();

    private SampleLayout(IReadOnlyList<string> names)
    {
        Members = names.Select(n => Encoding.UTF8.GetBytes($"\"{n}\":")).ToArray();
        Slots = names.Select(n => SlotOf.GetValueOrDefault(n, -1)).ToArray();
    }

    /// <summary>The layout of this project's own collector.</summary>
    public static SampleLayout Catalogue { get; } = new(MetricCatalog.All.Select(m => m.Name).ToArray());

    /// <summary>Members as they stand in the JSON: name in quotes, then a colon.</summary>
    public byte[][] Members { get; }

    /// <summary>Slot of each member; -1 for a name that the catalogue does not have.</summary>
    public int[] Slots { get; }

    /// <summary>The layout of a producer that wrote <paramref name="names"/> in this order.</summary>
    public static SampleLayout Of(IReadOnlyList<string> names)
    {
        var slots = names.Select(n => SlotOf.GetValueOrDefault(n, -1)).ToArray();
        var inCatalogueOrder = slots.All(s => s >= 0) && slots.Zip(slots.Skip(1)).All(pair => pair.First < pair.Second);
        return inCatalogueOrder ? Catalogue : new SampleLayout(names);
    }

    /// <summary>Slot of a metric's canonical name; -1 when the catalogue does not have it.</summary>
    public static int Slot(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[64];
        return
            name.Length <= text.Length
            && Encoding.UTF8.TryGetChars(name, text, out var length)
            && SlotOfSpan.TryGetValue(text[..length], out var slot)
            ? slot
            : -1;
    }
}
