namespace GpuActors.Core.Rules;

/// <summary>Names of the rules, as alerts carry them.</summary>
public static class RuleIds
{
    /// <summary>Hardware thermal slowdown (0x40).</summary>
    public const string HwThermal = "hw_thermal";

    /// <summary>Power brake slowdown (0x80).</summary>
    public const string PowerBrake = "power_brake";

    /// <summary>Hardware slowdown without a named cause (0x8).</summary>
    public const string HwSlowdown = "hw_slowdown";

    /// <summary>Software thermal slowdown (0x20).</summary>
    public const string SwThermal = "sw_thermal";

    /// <summary>Software power cap (0x4).</summary>
    public const string PowerCap = "power_cap";

    /// <summary>GPU temperature at the slowdown limit.</summary>
    public const string GpuTempCritical = "gpu_temp_critical";

    /// <summary>GPU temperature above its operating limit.</summary>
    public const string GpuTempHigh = "gpu_temp_high";

    /// <summary>Memory temperature above its operating limit.</summary>
    public const string MemoryTempHigh = "memory_temp_high";

    /// <summary>Temperature rises from day to day.</summary>
    public const string TempTrend = "temp_trend";

    /// <summary>Hotter than before at the same power.</summary>
    public const string ThermalResistance = "thermal_resistance";

    /// <summary>Double-bit ECC error.</summary>
    public const string EccDbe = "ecc_dbe";

    /// <summary>Single-bit ECC errors.</summary>
    public const string EccSbeRate = "ecc_sbe_rate";

    /// <summary>Too many retired pages.</summary>
    public const string RetiredPages = "retired_pages";

    /// <summary>Pages wait for retirement.</summary>
    public const string RetirementPending = "retirement_pending";

    /// <summary>Row remapping waits for a reset.</summary>
    public const string RowRemapPending = "row_remap_pending";

    /// <summary>Row remapping failed.</summary>
    public const string RowRemapFailure = "row_remap_failure";

    /// <summary>Too many remapped rows.</summary>
    public const string RowRemapLimit = "row_remap_limit";

    /// <summary>SRAM error threshold exceeded.</summary>
    public const string SramThreshold = "sram_threshold";

    /// <summary>Memory is unrepairable.</summary>
    public const string MemoryUnrepairable = "memory_unrepairable";

    /// <summary>XID error.</summary>
    public const string Xid = "xid";

    /// <summary>XID comes again and again.</summary>
    public const string XidRepeated = "xid_repeated";

    /// <summary>Application XID on one GPU only.</summary>
    public const string XidApplication = "xid_application";

    /// <summary>NVSwitch error.</summary>
    public const string Sxid = "sxid";

    /// <summary>NVLink replay or recovery.</summary>
    public const string NvlinkErrors = "nvlink_errors";

    /// <summary>NVLink CRC errors.</summary>
    public const string NvlinkCrc = "nvlink_crc";

    /// <summary>NVLink CRC error storm.</summary>
    public const string NvlinkCrcStorm = "nvlink_crc_storm";

    /// <summary>NVLink 5 errors.</summary>
    public const string Nvlink5Errors = "nvlink5_errors";

    /// <summary>NVLink traffic far below the neighbours'.</summary>
    public const string NvlinkBandwidth = "nvlink_bandwidth";

    /// <summary>PCIe replays.</summary>
    public const string PcieReplay = "pcie_replay";

    /// <summary>PCIe link below its best.</summary>
    public const string PcieLink = "pcie_link";

    /// <summary>At the power limit with falling clocks.</summary>
    public const string PowerLimited = "power_limited";

    /// <summary>The driver asks for a recovery action.</summary>
    public const string RecoveryAction = "recovery_action";

    /// <summary>GPU absent.</summary>
    public const string GpuAbsent = "gpu_absent";

    /// <summary>GPU lost.</summary>
    public const string GpuLost = "gpu_lost";

    /// <summary>Host absent.</summary>
    public const string HostAbsent = "host_absent";

    /// <summary>Exporter down.</summary>
    public const string ExporterDown = "exporter_down";

    /// <summary>Telemetry frozen.</summary>
    public const string TelemetryFrozen = "telemetry_frozen";

    /// <summary>Required field missing.</summary>
    public const string FieldMissing = "field_missing";

    /// <summary>Alert is flapping.</summary>
    public const string Flapping = "flapping";
}
