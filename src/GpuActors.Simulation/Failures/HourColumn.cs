namespace GpuActors.Simulation.Failures;

/// <summary>
/// The hourly values of a simulated GPU. Gauges have mean, population standard deviation, minimum and maximum of the samples of the hour,
/// as an exporter publishes them (temperatures in whole °C). Seconds of throttle bits count within the hour. Counters and flags have their
/// value at the end of the hour. All are NaN in an hour without a sample, and where the product does not report them.
/// </summary>
public enum HourColumn
{
    /// <summary>Number of samples, one per second: 0 to 3600. Never NaN.</summary>
    Samples,

    /// <summary>Mean of the GPU's temperature, in °C.</summary>
    GpuTempMean,

    /// <summary>Standard deviation of the GPU's temperature, in °C.</summary>
    GpuTempDeviation,

    /// <summary>Minimum of the GPU's temperature, in °C.</summary>
    GpuTempMin,

    /// <summary>Maximum of the GPU's temperature, in °C.</summary>
    GpuTempMax,

    /// <summary>Mean of the memory's temperature, in °C.</summary>
    MemoryTempMean,

    /// <summary>Standard deviation of the memory's temperature, in °C.</summary>
    MemoryTempDeviation,

    /// <summary>Minimum of the memory's temperature, in °C.</summary>
    MemoryTempMin,

    /// <summary>Maximum of the memory's temperature, in °C.</summary>
    MemoryTempMax,

    /// <summary>Mean power, in watts.</summary>
    PowerMean,

    /// <summary>Standard deviation of the power, in watts.</summary>
    PowerDeviation,

    /// <summary>Minimum power, in watts.</summary>
    PowerMin,

    /// <summary>Maximum power, in watts.</summary>
    PowerMax,

    /// <summary>Mean utilization, 0 to 100.</summary>
    UtilizationMean,

    /// <summary>Standard deviation of the utilization.</summary>
    UtilizationDeviation,

    /// <summary>Minimum utilization, 0 to 100.</summary>
    UtilizationMin,

    /// <summary>Maximum utilization, 0 to 100.</summary>
    UtilizationMax,

    /// <summary>Mean SM clock, in MHz.</summary>
    SmClockMean,

    /// <summary>Standard deviation of the SM clock, in MHz.</summary>
    SmClockDeviation,

    /// <summary>Minimum SM clock, in MHz.</summary>
    SmClockMin,

    /// <summary>Maximum SM clock, in MHz.</summary>
    SmClockMax,

    /// <summary>Mean SM activity, 0 to 1.</summary>
    SmActiveMean,

    /// <summary>Standard deviation of the SM activity.</summary>
    SmActiveDeviation,

    /// <summary>Minimum SM activity, 0 to 1.</summary>
    SmActiveMin,

    /// <summary>Maximum SM activity, 0 to 1.</summary>
    SmActiveMax,

    /// <summary>Mean thermal margin, in °C.</summary>
    MarginMean,

    /// <summary>Minimum thermal margin, in °C.</summary>
    MarginMin,

    /// <summary>Seconds of throttle bit 0x1 (idle).</summary>
    IdleSeconds,

    /// <summary>Seconds of throttle bit 0x4 (power cap).</summary>
    PowerCapSeconds,

    /// <summary>Seconds of throttle bit 0x20 (software thermal).</summary>
    SwThermalSeconds,

    /// <summary>Seconds of throttle bit 0x40 (hardware thermal).</summary>
    HwThermalSeconds,

    /// <summary>Seconds of throttle bit 0x80 (power brake).</summary>
    PowerBrakeSeconds,

    /// <summary>Corrected errors since the last driver load.</summary>
    SbeVolatile,

    /// <summary>Corrected errors of the whole life.</summary>
    SbeAggregate,

    /// <summary>Uncorrectable errors since the last driver load.</summary>
    DbeVolatile,

    /// <summary>Uncorrectable errors of the whole life.</summary>
    DbeAggregate,

    /// <summary>Uncorrectable SRAM errors of the whole life.</summary>
    SramDbeAggregate,

    /// <summary>1 if a bank has exceeded the limit of SRAM errors, else 0.</summary>
    SramThreshold,

    /// <summary>Rows remapped for corrected errors.</summary>
    CorrectableRows,

    /// <summary>Rows remapped for uncorrectable errors.</summary>
    UncorrectableRows,

    /// <summary>1 if a remapping waits for a reset, else 0.</summary>
    RemapPending,

    /// <summary>1 if the remapping of a row has failed, else 0.</summary>
    RemapFailed,

    /// <summary>Banks with all spare rows.</summary>
    BanksMax,

    /// <summary>Banks with one spare row used.</summary>
    BanksHigh,

    /// <summary>Banks with two to five spare rows used.</summary>
    BanksPartial,

    /// <summary>Banks with six or seven spare rows used.</summary>
    BanksLow,

    /// <summary>Banks without a spare row.</summary>
    BanksNone,

    /// <summary>PCIe replays since the last driver load.</summary>
    PcieReplays,

    /// <summary>NVLink CRC errors since the last driver load.</summary>
    NvlinkCrc,

    /// <summary>NVLink replays since the last driver load.</summary>
    NvlinkReplays,

    /// <summary>NVLink recoveries since the last driver load.</summary>
    NvlinkRecoveries,
}
