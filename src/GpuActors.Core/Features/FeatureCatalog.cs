using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuActors.Core.Metrics;
using static GpuActors.Core.Features.FeatureView;
using static GpuActors.Core.Features.HourlyValue;

namespace GpuActors.Core.Features;

/// <summary>
/// The features, in the order of a vector. Names that the replaced system had are kept. A change of name, order or definition changes
/// <see cref="Fingerprint"/>, and needs a new <see cref="Version"/>: a model names the set that it was trained with, and is refused by any
/// other.
/// </summary>
public static class FeatureCatalog
{
    /// <summary>Version of the set.</summary>
    public const int Version = 1;

    private const string Week7 = "7 d",
        Day24 = "24 h",
        Newest = "now",
        Life = "life";

    // Static fields are made in the order of the text: All reads this one.
    private static readonly ImmutableArray<string> Compared =
    [
        "avg_temp_24h",
        "celsius_per_watt_24h",
        "avg_power_24h",
        "busy_clock_24h",
        "activity_per_load_24h",
        "activity_per_kilowatt_24h",
        "power_deviation_24h",
        "ecc_sbe_rate",
    ];

    // Likewise.
    private static readonly ImmutableArray<Feature> OfOneGpu =
    [
        .. Temperatures(),
        .. Powers(),
        .. Loads(),
        .. Throttling(),
        .. Memory(),
        .. Links(),
        .. Xids(),
        .. Coverage(),
        .. Assets(),
    ];

    /// <summary>All features.</summary>
    public static ImmutableArray<Feature> All { get; } = [.. OfOneGpu, .. Compared.Select(Peer)];

    /// <summary>Names of all features, in their order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(feature => feature.Name)];

    /// <summary>SHA-256 of version, names and definitions, the first 16 hexadecimal digits.</summary>
    public static string Fingerprint { get; } = ComputeFingerprint();

    /// <summary>Position of a feature; -1 if there is none of that name.</summary>
    public static int IndexOf(string name) => Names.IndexOf(name);

    private static IEnumerable<Feature> Temperatures() =>
        [
            Of("avg_temp_24h", "°C", Day24, "mean of the hourly mean temperatures", v => Series.Mean(v.LastDay(GpuTempMean))),
            Of("max_temp_24h", "°C", Day24, "maximum temperature", v => Series.Max(v.LastDay(GpuTempMax))),
            Of(
                "temp_stddev_24h",
                "°C",
                Day24,
                "standard deviation of the temperature, within and between hours",
                v => Math.Sqrt(Series.Variance(v.LastDay(GpuTempMean), v.LastDay(GpuTempDeviation)))
            ),
            Of("avg_temp_7d", "°C", Week7, "mean of the hourly mean temperatures", v => Series.Mean(v.Week(GpuTempMean))),
            Of("max_temp_7d", "°C", Week7, "maximum temperature", v => Series.Max(v.Week(GpuTempMax))),
            Of(
                "temp_stddev",
                "°C",
                Week7,
                "standard deviation of the temperature, within and between hours",
                v => Math.Sqrt(Series.Variance(v.Week(GpuTempMean), v.Week(GpuTempDeviation)))
            ),
            Of("temp_variance", "°C²", Week7, "square of temp_stddev", v => Series.Variance(v.Week(GpuTempMean), v.Week(GpuTempDeviation))),
            Of("temp_p05_7d", "°C", Week7, "5% quantile of the hourly mean temperatures", v => Series.Quantile(v.Week(GpuTempMean), 0.05)),
            Of("temp_p95_7d", "°C", Week7, "95% quantile of the hourly mean temperatures", v => Series.Quantile(v.Week(GpuTempMean), 0.95)),
            Of("temp_trend", "°C/d", Week7, "slope of the hourly mean temperatures by least squares", v => 24 * v.TempTrend.Slope),
            Of("temp_trend_p", "", Week7, "p-value of temp_trend, 0 to 1", v => v.TempTrend.PValue),
            Of(
                "temp_smoothed_max",
                "°C",
                Week7,
                "maximum of the hourly means after a Savitzky-Golay filter (11 hours, parabola)",
                v => v.SmoothedTemp.Max
            ),
            Of("temp_smoothed_min", "°C", Week7, "minimum of the same", v => v.SmoothedTemp.Min),
            Of(
                "avg_memory_temp_24h",
                "°C",
                Day24,
                "mean of the hourly mean memory temperatures",
                v => Series.Mean(v.LastDay(MemoryTempMean))
            ),
            Of("max_memory_temp_7d", "°C", Week7, "maximum memory temperature", v => Series.Max(v.Week(MemoryTempMax))),
            Of(
                "memory_over_gpu_temp_24h",
                "°C",
                Day24,
                "mean memory temperature less mean temperature",
                v => Series.Mean(v.LastDay(MemoryTempMean)) - Series.Mean(v.LastDay(GpuTempMean))
            ),
            Of(
                "celsius_per_watt_24h",
                "°C/W",
                Day24,
                "mean of temperature per power of hours with a utilization of 30% or more; missing without work",
                v => Series.Mean(LastDay(v.CelsiusPerWatt))
            ),
            Of("celsius_per_watt_7d", "°C/W", Week7, "the same", v => Series.Mean(v.CelsiusPerWatt)),
            Of("celsius_per_watt_trend", "°C/W/d", Week7, "slope of the same by least squares", v => 24 * v.ResistanceTrend.Slope),
            Of("celsius_per_watt_trend_p", "", Week7, "p-value of celsius_per_watt_trend", v => v.ResistanceTrend.PValue),
            Of(
                "thermal_resistance",
                "°C/W",
                Week7,
                "slope of the hourly temperatures over power, of the six days before the last; missing if the power does not vary",
                v => v.TempOfPower.Slope
            ),
            Of(
                "thermal_residual_24h",
                "°C",
                Day24,
                "mean temperature over what the line of thermal_resistance gives for the power",
                v => Series.Mean(LastDay(v.TempResidual))
            ),
            Of(
                "degradation_factor",
                "",
                Week7,
                "celsius_per_watt of the last 24 hours relative to the six days before; 1 is no change",
                v => Series.Mean(LastDay(v.CelsiusPerWatt)) / Series.Mean(DaysBefore(v.CelsiusPerWatt))
            ),
        ];

    private static IEnumerable<Feature> Powers() =>
        [
            Of("avg_power_24h", "W", Day24, "mean of the hourly mean powers", v => Series.Mean(v.LastDay(PowerMean))),
            Of("max_power_24h", "W", Day24, "maximum power", v => Series.Max(v.LastDay(PowerMax))),
            Of("avg_power_7d", "W", Week7, "mean of the hourly mean powers", v => Series.Mean(v.Week(PowerMean))),
            Of("max_power_7d", "W", Week7, "maximum power", v => Series.Max(v.Week(PowerMax))),
            Of(
                "power_variance",
                "W²",
                Week7,
                "variance of the power, within and between hours",
                v => Series.Variance(v.Week(PowerMean), v.Week(PowerDeviation))
            ),
            Of("power_deviation_24h", "W", Day24, "mean of the deviations within hours", v => Series.Mean(v.LastDay(PowerDeviation))),
            Of("power_deviation_min_24h", "W", Day24, "least deviation within an hour", v => Series.Min(v.LastDay(PowerDeviation))),
            Of("power_deviation_7d", "W", Week7, "mean of the deviations within hours", v => Series.Mean(v.Week(PowerDeviation))),
            Of("power_deviation_trend", "W/d", Week7, "slope of the deviations within hours", v => 24 * v.PowerVariationTrend.Slope),
            Of("power_deviation_trend_p", "", Week7, "p-value of power_deviation_trend", v => v.PowerVariationTrend.PValue),
            Of(
                "power_residual_24h",
                "W",
                Day24,
                "mean power over what the line of power over SM activity, of the six days before, gives for the activity",
                v => Series.Mean(LastDay(v.PowerResidual))
            ),
            Of("power_p05_7d", "W", Week7, "5% quantile of the hourly mean powers", v => Series.Quantile(v.Week(PowerMean), 0.05)),
        ];

    private static IEnumerable<Feature> Loads() =>
        [
            Of("avg_utilization_24h", "%", Day24, "mean utilization", v => Series.Mean(v.LastDay(UtilizationMean))),
            Of("avg_utilization_7d", "%", Week7, "mean utilization", v => Series.Mean(v.Week(UtilizationMean))),
            Of(
                "power_efficiency",
                "%/W",
                Week7,
                "mean utilization per mean power",
                v => Series.Mean(v.Week(UtilizationMean)) / Series.Mean(v.Week(PowerMean))
            ),
            Of(
                "activity_per_kilowatt_24h",
                "1/kW",
                Day24,
                "mean SM activity per power of hours with a utilization of 30% or more",
                v => Series.Mean(LastDay(v.ActivityPerKilowatt))
            ),
            Of("activity_per_kilowatt_7d", "1/kW", Week7, "the same", v => Series.Mean(v.ActivityPerKilowatt)),
            Of(
                "activity_per_load_24h",
                "",
                Day24,
                "mean SM activity per utilization of hours with a utilization of 30% or more",
                v => Series.Mean(LastDay(v.ActivityPerLoad))
            ),
            Of("activity_per_load_7d", "", Week7, "the same", v => Series.Mean(v.ActivityPerLoad)),
            Of(
                "busy_clock_24h",
                "MHz",
                Day24,
                "mean SM clock of hours with a utilization of 30% or more",
                v => Series.Mean(LastDay(v.BusyClock))
            ),
            Of("busy_clock_7d", "MHz", Week7, "the same", v => Series.Mean(v.BusyClock)),
            Of("busy_clock_p95_7d", "MHz", Week7, "95% quantile of the same", v => Series.Quantile(v.BusyClock, 0.95)),
            Of(
                "clock_droop",
                "",
                Week7,
                "busy_clock_24h relative to that of the six days before; 1 is no change",
                v => Series.Mean(LastDay(v.BusyClock)) / Series.Mean(DaysBefore(v.BusyClock))
            ),
            Of("clock_trend", "MHz/d", Week7, "slope of the SM clock of hours with work", v => 24 * v.ClockTrend.Slope),
        ];

    private static IEnumerable<Feature> Throttling() =>
        [
            Of("sw_thermal_seconds_24h", "s", Day24, "time with bit 0x20", v => Series.Sum(v.LastDay(SwThermalSeconds))),
            Of("sw_thermal_seconds_7d", "s", Week7, "time with bit 0x20", v => Series.Sum(v.Week(SwThermalSeconds))),
            Of("hw_thermal_seconds_24h", "s", Day24, "time with bit 0x40", v => Series.Sum(v.LastDay(HwThermalSeconds))),
            Of("hw_thermal_seconds_7d", "s", Week7, "time with bit 0x40", v => Series.Sum(v.Week(HwThermalSeconds))),
            Of("power_brake_seconds_24h", "s", Day24, "time with bit 0x80", v => Series.Sum(v.LastDay(PowerBrakeSeconds))),
            Of("power_brake_seconds_7d", "s", Week7, "time with bit 0x80", v => Series.Sum(v.Week(PowerBrakeSeconds))),
            Of("power_brake_hours_7d", "h", Week7, "hours with bit 0x80", v => v.HoursWith(PowerBrakeSeconds)),
            Of("power_cap_seconds_7d", "s", Week7, "time with bit 0x4", v => Series.Sum(v.Week(PowerCapSeconds))),
            Of("throttle_event_count", "h", Week7, "hours with bit 0x20, 0x40 or 0x80", v => HoursAbove(v.Throttled)),
        ];

    private static IEnumerable<Feature> Memory() =>
        [
            Of("ecc_sbe_rate_24h", "1/h", Day24, "corrected errors per hour", v => Series.Mean(v.LastDay(SbeErrors))),
            Of("ecc_sbe_rate", "1/h", Week7, "corrected errors per hour", v => Series.Mean(v.Week(SbeErrors))),
            Of("ecc_sbe_max_7d", "1/h", Week7, "most corrected errors of an hour", v => Series.Max(v.Week(SbeErrors))),
            Of("ecc_sbe_hours_7d", "h", Week7, "hours with a corrected error", v => v.HoursWith(SbeErrors)),
            Of(
                "ecc_sbe_growth",
                "",
                Week7,
                "logarithm of (1 + rate of the last 24 hours) / (1 + rate of the six days before)",
                v => v.Growth(SbeErrors)
            ),
            Of("ecc_sbe_trend", "1/h/d", Week7, "slope of the corrected errors per hour", v => 24 * v.SbeTrend.Slope),
            Of("ecc_sbe_trend_p", "", Week7, "p-value of ecc_sbe_trend", v => v.SbeTrend.PValue),
            Of("ecc_sbe_total", "", Life, "corrected errors of the life (aggregate counter)", v => v.Now(Metric.EccSbeAggregate)),
            Of("ecc_dbe_total", "", Life, "uncorrectable errors of the life (aggregate counter)", v => v.Now(Metric.EccDbeAggregate)),
            Of("ecc_dbe_7d", "", Week7, "uncorrectable errors", v => Series.Sum(v.Week(DbeErrors))),
            Of(
                "hours_since_dbe",
                "h",
                Week7,
                "hours since the last uncorrectable error; missing if there was none",
                v => v.HoursSince(DbeErrors)
            ),
            Of("sram_dbe_total", "", Life, "uncorrectable errors of the SRAM", v => v.Now(Metric.EccSramDbeAggregate)),
            Of("sram_threshold", "", Newest, "1 if a bank has exceeded the limit of SRAM errors", v => v.Now(Metric.SramThresholdExceeded)),
            Of("correctable_rows", "", Life, "rows remapped for corrected errors", v => v.Now(Metric.CorrectableRemappedRows)),
            Of("uncorrectable_rows", "", Life, "rows remapped for uncorrectable errors", v => v.Now(Metric.UncorrectableRemappedRows)),
            Of("remapped_rows_24h", "", Day24, "rows remapped", v => Series.Sum(v.LastDay(RemappedRows))),
            Of("remapped_rows_7d", "", Week7, "rows remapped", v => Series.Sum(v.Week(RemappedRows))),
            Of("remap_pending", "", Newest, "1 if a remapping waits for a reset", v => v.Now(Metric.RowRemapPending)),
            Of("remap_failed", "", Newest, "1 if the remapping of a row has failed", v => v.Now(Metric.RowRemapFailure)),
            Of("banks_used", "", Newest, "banks that have used a spare row", v => v.Banks(1, 1, 1, 1)),
            Of("banks_low", "", Newest, "banks with at most two spare rows left", v => v.Banks(1, 1)),
            Of("banks_exhausted", "", Newest, "banks without a spare row", v => v.Banks(1)),
            Of(
                "retired_pages",
                "",
                Life,
                "pages retired for corrected and uncorrectable errors; missing on GPUs that remap rows",
                v => v.Now(Metric.RetiredPagesSbe) + v.Now(Metric.RetiredPagesDbe)
            ),
        ];

    private static IEnumerable<Feature> Links() =>
        [
            Of("pcie_replay_rate_24h", "1/h", Day24, "PCIe replays per hour", v => Series.Mean(v.LastDay(PcieReplays))),
            Of("pcie_replay_rate_7d", "1/h", Week7, "PCIe replays per hour", v => Series.Mean(v.Week(PcieReplays))),
            Of("pcie_replay_growth", "", Week7, "like ecc_sbe_growth", v => v.Growth(PcieReplays)),
            Of("pcie_replay_trend_p", "", Week7, "p-value of the slope of the PCIe replays per hour", v => v.ReplayTrend.PValue),
            Of("nvlink_crc_rate_24h", "1/h", Day24, "NVLink CRC errors per hour", v => Series.Mean(v.LastDay(NvlinkCrcErrors))),
            Of("nvlink_crc_rate_7d", "1/h", Week7, "NVLink CRC errors per hour", v => Series.Mean(v.Week(NvlinkCrcErrors))),
            Of("nvlink_crc_growth", "", Week7, "like ecc_sbe_growth", v => v.Growth(NvlinkCrcErrors)),
            Of("nvlink_crc_trend_p", "", Week7, "p-value of the slope of the NVLink CRC errors per hour", v => v.CrcTrend.PValue),
            Of("nvlink_replay_rate_24h", "1/h", Day24, "NVLink replays per hour", v => Series.Mean(v.LastDay(NvlinkReplays))),
            Of("nvlink_replays_7d", "", Week7, "NVLink replays", v => Series.Sum(v.Week(NvlinkReplays))),
            Of("nvlink_recoveries_24h", "", Day24, "NVLink recoveries", v => Series.Sum(v.LastDay(NvlinkRecoveries))),
            Of("nvlink_recoveries_7d", "", Week7, "NVLink recoveries", v => Series.Sum(v.Week(NvlinkRecoveries))),
        ];

    private static IEnumerable<Feature> Xids() =>
        [
            Of("memory_xids_24h", "", Day24, "XIDs of the memory", v => Series.Sum(v.LastDay(MemoryXids))),
            Of("memory_xids_7d", "", Week7, "XIDs of the memory", v => Series.Sum(v.Week(MemoryXids))),
            Of("memory_xids_life", "", Life, "XIDs of the memory", v => v.Input.Xids(XidClass.Memory)),
            Of(
                "days_since_memory_xid",
                "d",
                Life,
                "days since the last XID of the memory; missing if none is known",
                v => v.Input.DaysSince(XidClass.Memory)
            ),
            Of("interconnect_xids_7d", "", Week7, "XIDs of the links", v => Series.Sum(v.Week(InterconnectXids))),
            Of("interconnect_xids_life", "", Life, "XIDs of the links", v => v.Input.Xids(XidClass.Interconnect)),
            Of(
                "days_since_interconnect_xid",
                "d",
                Life,
                "days since the last XID of the links; missing if none is known",
                v => v.Input.DaysSince(XidClass.Interconnect)
            ),
            Of("application_xids_7d", "", Week7, "XIDs that applications cause", v => Series.Sum(v.Week(ApplicationXids))),
            Of("other_xids_7d", "", Week7, "all other XIDs", v => Series.Sum(v.Week(OtherXids))),
            Of("other_xids_life", "", Life, "all other XIDs", v => v.Input.Xids(XidClass.Other)),
        ];

    private static IEnumerable<Feature> Coverage() =>
        [
            Of(
                "gap_fraction",
                "",
                Week7,
                "share of the hours without a power, 0 to 1",
                v => 1 - (Series.Count(v.Week(PowerMean)) / (double)FeatureInput.Hours)
            ),
        ];

    private static IEnumerable<Feature> Assets() =>
        [
            Of("gpu_age_months", "months", Life, "time since the GPU went into service; missing if unknown", v => v.Facts.AgeMonths),
            Of("rack_height", "", Life, "height in the rack, 0 (bottom) to 1 (top); missing if unknown", v => v.Facts.RackHeight),
            Of("failures", "", Life, "known failures of the GPU; missing if none are recorded of the fleet", v => v.Facts.Failures),
            Of("days_since_failure", "d", Life, "days since the last of them; missing if there was none", v => v.Facts.DaysSinceFailure),
            Of(
                "batch_failure_rate",
                "1/a",
                Life,
                "failures per GPU and year of the production batch up to now; missing if the batch is unknown",
                v => v.Facts.BatchFailuresPerYear
            ),
        ];

    private static Feature Peer(string name)
    {
        var own = OfOneGpu.First(feature => feature.Name == name);
        return own with
        {
            Name = $"peer_{name}",
            Definition = $"{name} less its median over the other GPUs of the host; missing if fewer than three of them have a value",
            Value = null,
            ComparedWithPeers = name,
        };
    }

    private static Feature Of(string name, string unit, string window, string definition, Func<FeatureView, double> value) =>
        new(name, unit, window, definition) { Value = value };

    private static string ComputeFingerprint()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"version {Version}\n"));
        foreach (var feature in All)
        {
            text.Append(CultureInfo.InvariantCulture, $"{feature.Name}\t{feature.Unit}\t{feature.Window}\t{feature.Definition}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
