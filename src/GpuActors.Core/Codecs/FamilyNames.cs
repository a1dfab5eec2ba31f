using System.Collections.Frozen;
using System.Text;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Codecs;

/// <summary>Exporter names, old and new, to slots.</summary>
internal static class FamilyNames
{
    private static readonly FrozenDictionary<string, int> SlotOf = MetricCatalog.All
        .SelectMany(m => m.ExporterNames.Select(n => (Name: n, Slot: (int)m.Metric)))
        .ToFrozenDictionary(x => x.Name, x => x.Slot, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> BySpan = SlotOf.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Slot of a metric family; -1 when the catalogue does not have it.</summary>
    public static int Slot(ReadOnlySpan<byte> family)
    {
        Span<char> text = stackalloc char[128];
        return family.Length <= text.Length && Encoding.ASCII.TryGetChars(family, text, out var length) && BySpan.TryGetValue(text[..length], out var slot) ? slot : -1;
    }
}
