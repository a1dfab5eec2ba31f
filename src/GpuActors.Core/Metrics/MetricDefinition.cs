namespace GpuActors.Core.Metrics;

/// <summary>
/// One line of the catalogue: all that parser, codecs, validator, tables, simulator and documentation need to know of a metric.
/// </summary>
/// <param name="Metric">The slot.</param>
/// <param name="Name">Canonical name: JSON member, column and label, <c>snake_case</c>.</param>
/// <param name="DcgmFieldId">DCGM field id, the identity that survives renames.</param>
/// <param name="ExporterNames">Names under which exporters publish it, oldest first; the first is what the simulator serves.</param>
/// <param name="Unit">Unit as exporters give it (<c>celsius</c>, <c>watts</c>, <c>millijoules</c>, <c>ratio</c>…).</param>
/// <param name="Kind">How its values may be read.</param>
/// <param name="Min">Smallest plausible value, inclusive.</param>
/// <param name="Max">Largest plausible value, inclusive; beyond it a value is garbage and becomes missing.</param>
/// <param name="Column">Column type in the database.</param>
/// <param name="Help">HELP text: one sentence, no full stop, as an exporter's page has it.</param>
/// <param name="ZeroIsMissing">True where a zero only says that the part has no such sensor (memory temperature).</param>
/// <param name="NvlinkIndex">Link number where the exporter publishes the metric as one family with an <c>nvlink</c> label; -1
/// otherwise.</param>
/// <param name="Required">True where throttling, ECC or XID alerts cannot work without it: <c>doctor</c> reports its absence.</param>
/// <param name="SumsLinks">True where exporters publish one row per NVLink (label <c>nvlink</c>) and the GPU's value is their sum.</param>
public sealed record MetricDefinition(
    Metric Metric,
    string Name,
    int DcgmFieldId,
    IReadOnlyList<string> ExporterNames,
    string Unit,
    MetricKind Kind,
    double Min,
    double Max,
    ColumnType Column,
    string Help,
    bool ZeroIsMissing = false,
    int NvlinkIndex = -1,
    bool Required = false,
    bool SumsLinks = false
)
{
    /// <summary>True where the exporter prints integers (<c>%d</c>); false where it prints six decimals (<c>%f</c>).</summary>
    public bool IsInteger => Column != ColumnType.Real;

    /// <summary>What whoever reads its values should know, in one or two sentences; empty where the meaning says it all.</summary>
    public string Note => MetricNotes.Note(Metric);

    /// <summary>
    /// Name to enable in an exporter's counters file: the oldest one, but for field 112, whose old name exporters 4.4.2-4.7.1 to
    /// 4.5.2-4.8.1 do not know (the new one is known from 4.0.0-4.0.1 on).
    /// </summary>
    public string CountersName => Metric == Metric.ThrottleReasons ? ExporterNames[1] : ExporterNames[0];

    /// <summary>
    /// First release of dcgm-exporter that knows <see cref="CountersName"/> (<c>4.1.1-4.0.3</c>); empty when every release since 3.3 does.
    /// An exporter does not start with a counters file that has a name it does not know.
    /// </summary>
    public string ExporterSince => MetricNotes.ExporterSince(DcgmFieldId);

    /// <summary>
    /// True where DCGM reads the value of a MIG instance, not of its GPU: the profiling fields and the framebuffer (<c>DcgmCacheManager</c>
    /// asks the instance's own device for its memory). Every other field is the GPU's, repeated per instance.
    /// </summary>
    public bool PerMigInstance => IsProfiling || DcgmFieldId is >= 250 and <= 254;

    /// <summary>
    /// True for fields of DCGM's profiling module, which are missing where it is not loaded or another profiler holds the counters.
    /// </summary>
    public bool IsProfiling => DcgmFieldId is >= 1001 and < 1100;
}
