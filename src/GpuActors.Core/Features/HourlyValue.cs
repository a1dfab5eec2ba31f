namespace GpuActors.Core.Features;

/// <summary>
/// What features look at hour by hour. A value of a complete hour is NaN if the hour has no sample, or if the exporter does not report the
/// metric. Means, deviations (population) and maxima are those of the samples of the hour; the rest counts what the hour added.
/// </summary>
public enum HourlyValue
{
    /// <summary>Mean of the GPU's temperature, in °C.</summary>
    GpuTempMean,

    /// <summary>Standard deviation of the GPU's temperature, in °C.</summary>
    GpuTempDeviation,

    /// <summary>Maximum of the GPU's temperature, in °C.</summary>
    GpuTempMax,

    /// <summary>Mean of the memory's temperature, in °C.</summary>
    MemoryTempMean,

    /// <summary>Maximum of the memory's temperature, in °C.</summary>
    MemoryTempMax,

    /// <summary>Mean power, in watts.</summary>
    PowerMean,

    /// <summary>Standard deviation of the power, in watts.</summary>
    PowerDeviation,

    /// <summary>Maximum power, in watts.</summary>
    PowerMax,

    /// <summary>Mean utilization, 0 to 100.</summary>
    UtilizationMean,

    /// <summary>Mean SM clock, in MHz.</summary>
    SmClockMean,

    /// <summary>Mean SM activity, 0 to 1.</summary>
    SmActiveMean,

    /// <summary>Seconds with throttle bit 0x4 (software power cap).</summary>
    PowerCapSeconds,

    /// <summary>Seconds with throttle bit 0x20 (software thermal slowdown).</summary>
    SwThermalSeconds,

    /// <summary>Seconds with throttle bit 0x40 (hardware thermal slowdown).</summary>
    HwThermalSeconds,

    /// <summary>Seconds with throttle bit 0x80 (power brake).</summary>
    PowerBrakeSeconds,

    /// <summary>Corrected ECC errors.</summary>
    SbeErrors,

    /// <summary>Uncorrectable ECC errors.</summary>
    DbeErrors,

    /// <summary>PCIe replays.</summary>
    PcieReplays,

    /// <summary>NVLink CRC errors, of flits and of data.</summary>
    NvlinkCrcErrors,

    /// <summary>NVLink replays.</summary>
    NvlinkReplays,

    /// <summary>NVLink recoveries.</summary>
    NvlinkRecoveries,

    /// <summary>Rows of memory that were remapped, for corrected and for uncorrectable errors.</summary>
    RemappedRows,

    /// <summary>XIDs of <see cref="XidClass.Memory"/>.</summary>
    MemoryXids,

    /// <summary>XIDs of <see cref="XidClass.Interconnect"/>.</summary>
    InterconnectXids,

    /// <summary>XIDs of <see cref="XidClass.Application"/>.</summary>
    ApplicationXids,

    /// <summary>XIDs of <see cref="XidClass.Other"/>.</summary>
    OtherXids,
}
