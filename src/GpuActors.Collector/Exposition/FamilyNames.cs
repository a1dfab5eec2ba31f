using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using GpuActors.Core.Metrics;

namespace GpuActors.Collector.Exposition;

/// <summary>Maps exporter names, old and new, to metric families.</summary>
internal static class FamilyNames
{
    /// <summary>
    /// Metrics that are a sum over links, in the order of <see cref="ExpositionFamily.Sum"/>. Declared first, since the families use it.
    /// </summary>
    public static ImmutableArray<MetricDefinition> Sums { get; } = [.. MetricCatalog.All.Where(m => m.SumsLinks)];

    private static readonly FrozenDictionary<string, ExpositionFamily> Families = All()
        .SelectMany(WithTotal)
        .Select((f, i) => (f.Name, Family: f.Family with { Index = i }))
        .ToFrozenDictionary(f => f.Name, f => f.Family, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ExpositionFamily>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        Families.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of families; <see cref="ExpositionFamily.Index"/> is below it.</summary>
    public static int Count => Families.Count;

    /// <summary>Slot of each link's bandwidth counter.</summary>
    public static ImmutableArray<int> LinkSlots { get; } =
    [.. MetricCatalog.All.Where(m => m.NvlinkIndex >= 0).OrderBy(m => m.NvlinkIndex).Select(m => (int)m.Metric)];

    /// <summary>The family with a name; null when it is unknown.</summary>
    public static ExpositionFamily? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[128];
        return
            name.Length <= text.Length
            && Encoding.ASCII.TryGetChars(name, text, out var length)
            && BySpan.TryGetValue(text[..length], out var family)
            ? family
            : null;
    }

    // OpenMetrics adds this suffix to counters, and so do programs that forward pages.
    private static IEnumerable<(string Name, ExpositionFamily Family)> WithTotal((string Name, ExpositionFamily Family) family) =>
        [family, (family.Name + "_total", family.Family)];

    private static IEnumerable<(string Name, ExpositionFamily Family)> All()
    {
        foreach (var metric in MetricCatalog.All)
        {
            var use = metric.Metric == Metric.NvlinkBandwidth ? FamilyUse.LinkRate : FamilyUse.Metric;
            var family = new ExpositionFamily(
                0,
                use,
                (int)metric.Metric,
                metric.NvlinkIndex,
                metric.SumsLinks ? Sums.IndexOf(metric) : -1,
                metric.PerMigInstance
            );
            foreach (var name in metric.ExporterNames)
            {
                yield return (name, family);
            }
        }

        // Field 1529: one family for all links, which only the label nvlink tells apart.
        yield return ("DCGM_FI_DEV_NVLINK_THROUGHPUT_PER_LINK", new ExpositionFamily(0, FamilyUse.LinkRate));
        yield return ("DCGM_EXP_XID_ERRORS_COUNT", new ExpositionFamily(0, FamilyUse.XidCounts));
        yield return ("DCGM_EXP_CLOCK_EVENTS_COUNT", new ExpositionFamily(0, FamilyUse.ClockEvents));
    }
}
