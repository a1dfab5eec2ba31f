namespace GpuActors.Core.Metrics;

/// <summary>What is known of metrics besides their definition: how their values mislead, and since when exporters know them.</summary>
internal static class MetricNotes
{
    private const string Profiling =
        "Missing when DCGM's profiling module is not loaded or another profiler holds the counters: no fault of the GPU";

    /// <summary>How the values mislead; empty where they do not.</summary>
    public static string Note(Metric metric) =>
        metric switch
        {
            Metric.GpuTemp => "Garbage such as 345 or 82505 has been seen: values out of range are missing",
            Metric.MemoryTemp => "0 on parts without the sensor: 0 is missing",
            Metric.GpuTempMargin => "Below -2 (H100; L40; GB200) or -3 (B200) the GPU slows down. A100 has none",
            Metric.GpuTempSlowdown or Metric.GpuTempShutdown or Metric.GpuTempMaxOp or Metric.MemoryTempMaxOp => "The part's own limit",
            Metric.EnergyConsumption => "Since driver load. A powered GPU whose energy stands still serves frozen values",
            Metric.ThrottleReasons =>
                "0x1 idle; 0x2 clocks setting; 0x4 software power cap; 0x8 hardware slowdown; 0x10 sync boost; 0x20 software thermal; 0x40 hardware thermal; 0x80 power brake; 0x100 display clocks",
            Metric.EccSbeVolatile or Metric.EccDbeVolatile => "Starts from 0 with the driver",
            Metric.XidErrors =>
                "The last code; it stays until the driver or the exporter restarts; a repeat of the same code does not show. DCGM_EXP_XID_ERRORS_COUNT shows it",
            Metric.GpuUtilization => "Percent under its new name too. 1000 and more has been seen: values out of range are missing",
            Metric.PowerViolation or Metric.ThermalViolation => "Nanoseconds: exporters' help text said microseconds until the end of 2025",
            Metric.PcieLinkGen => "Falls on an idle GPU: judge under load",
            Metric.FanSpeed => "Missing on passively cooled parts",
            Metric.RowRemapFailure => "1 makes the GPU a candidate for replacement",
            Metric.RowRemapPending => "1 means that the GPU waits for a reset",
            Metric.UncorrectableRemappedRows => "512 is the limit",
            Metric.RetiredPagesSbe or Metric.RetiredPagesDbe => "63 is the limit of both together",
            Metric.SramThresholdExceeded => "1 makes the GPU a candidate for replacement",
            Metric.GpuRecoveryAction => "0 none; 1 GPU reset; 2 node reboot; 3 drain peer-to-peer traffic; 4 drain and reset",
            Metric.FbUsed or Metric.FbFree or Metric.FbTotal or Metric.FbReserved or Metric.FbUsedRatio =>
                "With MIG the instance's own: the GPU has none then",
            Metric.NvlinkBandwidth => "Rows with a label nvlink are the links' own",
            _ when MetricCatalog.Get(metric) is { IsProfiling: true } profiling => profiling.Unit == "ratio"
                ? Profiling + ". A ratio from 0 to 1, no percentage"
                : Profiling,
            _ when MetricCatalog.Get(metric).SumsLinks => "Summed over rows with a label nvlink; a row of the GPU itself goes first",
            _ => "",
        };

    // By the field tables of go-dcgm at each exporter's tag.
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
