namespace GpuActors.Core.Metrics;

/// <summary>Notes on metrics beyond their definition: pitfalls of their values, and the exporter releases that know them.</summary>
internal static class MetricNotes
{
    private const string Profiling =
        "Missing if DCGM's profiling module is not loaded or another profiler uses the counters, which is not a fault of the GPU";

    /// <summary>Gets the pitfalls of a metric's values, without final full stop; empty if there are none.</summary>
    public static string Note(Metric metric) =>
        metric switch
        {
            Metric.GpuTemp => "Exporters have reported values such as 345 and 82505: values out of range are treated as missing",
            Metric.MemoryTemp => "Devices without the sensor report 0: 0 is treated as missing",
            Metric.GpuTempMargin => "Below -2 (H100; L40; GB200) or -3 (B200) the GPU slows down. The A100 does not report it",
            Metric.GpuTempSlowdown or Metric.GpuTempShutdown or Metric.GpuTempMaxOp or Metric.MemoryTempMaxOp => "A limit of the device",
            Metric.EnergyConsumption => "Counts from driver load. If the counter of a powered GPU stands still, its values are frozen",
            Metric.ThrottleReasons => "0x1 idle; 0x2 clocks setting; 0x4 software power cap; 0x8 hardware slowdown; 0x10 sync boost; "
                + "0x20 software thermal; 0x40 hardware thermal; 0x80 power brake; 0x100 display clocks",
            Metric.EccSbeVolatile or Metric.EccDbeVolatile => "Counts from driver load",
            Metric.XidErrors =>
                "The last code; it stays until the driver or the exporter restarts. A repetition of the same code is visible "
                    + "in DCGM_EXP_XID_ERRORS_COUNT only",
            Metric.GpuUtilization =>
                "In percent under the new name too. Exporters have reported 1000 and more: values out of range are treated as missing",
            Metric.PowerViolation or Metric.ThermalViolation =>
                "In nanoseconds, although the exporters' help text said microseconds until the end of 2025",
            Metric.PcieLinkGen => "Decreases on an idle GPU: evaluate it under load only",
            Metric.FanSpeed => "Missing on passively cooled devices",
            Metric.RowRemapFailure => "1 makes the GPU a candidate for replacement",
            Metric.RowRemapPending => "1 means that the GPU needs a reset",
            Metric.UncorrectableRemappedRows => "512 is the limit",
            Metric.RetiredPagesSbe or Metric.RetiredPagesDbe => "63 is the limit of both together",
            Metric.SramThresholdExceeded => "1 makes the GPU a candidate for replacement",
            Metric.GpuRecoveryAction => "0 none; 1 GPU reset; 2 node reboot; 3 drain peer-to-peer traffic; 4 drain and reset",
            Metric.FbUsed or Metric.FbFree or Metric.FbTotal or Metric.FbReserved or Metric.FbUsedRatio =>
                "With MIG enabled it is reported per instance, and the GPU has no value",
            Metric.NvlinkBandwidth => "Rows with a label nvlink give the metrics of the single links",
            _ when MetricCatalog.Get(metric) is { IsProfiling: true } profiling => profiling.Unit == "ratio"
                ? Profiling + ". A ratio from 0 to 1, not a percentage"
                : Profiling,
            _ when MetricCatalog.Get(metric).SumsLinks => "Sum of the rows with a label nvlink; a row of the GPU itself takes precedence",
            _ => "",
        };

    /// <summary>Gets the first release of dcgm-exporter that knows a field; empty if every release since 3.3 does.</summary>
    // Source: the field tables of go-dcgm at the tag of each exporter release.
    public static string ExporterSince(int field) =>
        field switch
        {
            112 or 1206 or 1209 or 1212 => "4.0.0-4.0.1",
            153 or (>= 342 and <= 345) => "4.1.1-4.0.3",
            1420 or 1422 or 1423 or 1424 => "4.3.1-4.4.0",
            346 => "4.4.0-4.5.0",
            1501 => "4.4.2-4.7.1",
            1507 or 1523 => "4.5.1-4.8.0",
            _ => "",
        };
}
