using System.Collections.Frozen;
using System.Text;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The order in which a producer writes its metrics. Collectors write them in the order of the catalogue and omit missing ones, so the
/// decoder can compare the bytes of the next metric's name with the expected name instead of looking it up.
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

    /// <summary>The layout of the GpuActors collector.</summary>
    public static SampleLayout Catalogue { get; } = new(MetricCatalog.All.Select(m => m.Name).ToArray());

    /// <summary>The members as JSON text: name in quotes, then a colon.</summary>
    public byte[][] Members { get; }

    /// <summary>Metric slot of each member; -1 for names that are not in the catalogue.</summary>
    public int[] Slots { get; }

    /// <summary>Gets the layout of a producer that writes <paramref name="names"/> in this order.</summary>
    public static SampleLayout Of(IReadOnlyList<string> names)
    {
        var slots = names.Select(n => SlotOf.GetValueOrDefault(n, -1)).ToArray();
        var inCatalogueOrder = slots.All(s => s >= 0) && slots.Zip(slots.Skip(1)).All(pair => pair.First < pair.Second);
        return inCatalogueOrder ? Catalogue : new SampleLayout(names);
    }

    /// <summary>Gets the slot of a metric by its canonical name; -1 if the name is not in the catalogue.</summary>
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
