namespace GpuActors.Core.Metrics;

/// <summary>
/// The catalogue's entry for one metric. The exporter parser, the codecs, the validator, the database tables, the simulator and the
/// documentation are derived from it.
/// </summary>
/// <param name="Metric">The metric, which is also its slot in a sample.</param>
/// <param name="Name">Canonical name in <c>snake_case</c>, used for the JSON member, the column and the label.</param>
/// <param name="DcgmFieldId">DCGM field id, which stays the same when the field is renamed.</param>
/// <param name="ExporterNames">Names under which exporters publish the metric, oldest first. The simulator serves the first one.</param>
/// <param name="Unit">Unit as reported by exporters (<c>celsius</c>, <c>watts</c>, <c>millijoules</c>, <c>ratio</c>…).</param>
/// <param name="Kind">How the values are to be interpreted.</param>
/// <param name="Min">Smallest plausible value, inclusive. A smaller value is treated as missing.</param>
/// <param name="Max">Largest plausible value, inclusive. A larger value is treated as missing.</param>
/// <param name="Column">Column type in the database.</param>
/// <param name="Help">HELP text of an exporter's page: one sentence without full stop.</param>
/// <param name="ZeroIsMissing">True if a value of 0 means that the device has no such sensor (memory temperature).</param>
/// <param name="NvlinkIndex">Number of the NVLink if the metric belongs to one link, which exporters publish as one family with the label
/// <c>nvlink</c>; otherwise -1.</param>
/// <param name="Required">True if throttling, ECC or XID alerts need the metric. <c>doctor</c> reports required metrics that are
/// missing.</param>
/// <param name="OnlyWhenNonZero">True if many exporters publish no row while the value is 0: its absence is not a missing field.</param>
/// <param name="SumsLinks">True if exporters publish one row per NVLink (label <c>nvlink</c>) and the GPU's value is their sum.</param>
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
    bool SumsLinks = false,
    bool OnlyWhenNonZero = false
)
{
    /// <summary>True if the exporter prints integers (<c>%d</c>); false if it prints six decimals (<c>%f</c>).</summary>
    public bool IsInteger => Column != ColumnType.Real;

    /// <summary>
    /// The smallest step between two values that windows keep, in the metric's unit: 1 for integers, a millionth for ratios, a thousandth
    /// for other real values (an exporter's milliwatts).
    /// </summary>
    public double Resolution =>
        IsInteger ? 1
        : Max < 2 ? 1e-6
        : 1e-3;

    /// <summary>One or two sentences on how to interpret the values; empty if <see cref="Help"/> is sufficient.</summary>
    public string Note => MetricNotes.Note(Metric);

    /// <summary>
    /// Name of the field in an exporter's counters file. It is the oldest name, except for field 112: exporters 4.4.2-4.7.1 to 4.5.2-4.8.1
    /// do not know its old name, and exporters from 4.0.0-4.0.1 on know the new one.
    /// </summary>
    public string CountersName => Metric == Metric.ThrottleReasons ? ExporterNames[1] : ExporterNames[0];

    /// <summary>
    /// First release of dcgm-exporter that knows <see cref="CountersName"/> (<c>4.1.1-4.0.3</c>); empty if every release since 3.3 does. An
    /// exporter does not start if its counters file contains an unknown name.
    /// </summary>
    public string ExporterSince => MetricNotes.ExporterSince(DcgmFieldId);

    /// <summary>
    /// True if DCGM reads the value per MIG instance instead of per GPU: the profiling fields and the framebuffer fields
    /// (<c>DcgmCacheManager</c> queries the memory of the instance's own device). The rows of all other fields repeat the GPU's value for
    /// each instance.
    /// </summary>
    public bool PerMigInstance => IsProfiling || DcgmFieldId is >= 250 and <= 254;

    /// <summary>
    /// True for fields of DCGM's profiling module. They are missing if the module is not loaded or another profiler uses the counters.
    /// </summary>
    public bool IsProfiling => DcgmFieldId is >= 1001 and < 1100;
}
