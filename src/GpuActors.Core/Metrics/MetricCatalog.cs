using System.Collections.Frozen;
using System.Collections.Immutable;
using static GpuActors.Core.Metrics.ColumnType;
using static GpuActors.Core.Metrics.MetricKind;

namespace GpuActors.Core.Metrics;

/// <summary>
/// The metrics of a GPU, in the order in which the collector writes them. The numeric value is the metric's slot in a
/// <see cref="Samples.GpuSample"/>. It is valid within one process only: on the wire and on disk a metric is identified by its canonical
/// name. <see cref="MetricCatalog"/> defines the unit, range and exporter names of each metric.
/// </summary>
#pragma warning disable CS1591 // MetricCatalog documents each member.
public enum Metric : byte
{
    GpuTemp,
    MemoryTemp,
    GpuTempSlowdown,
    GpuTempShutdown,
    GpuTempMaxOp,
    MemoryTempMaxOp,
    GpuTempMargin,
    PowerUsage,
    PowerLimit,
    EnergyConsumption,
    ThrottleReasons,
    EccSbeVolatile,
    EccDbeVolatile,
    EccSbeAggregate,
    EccDbeAggregate,
    XidErrors,
    GpuUtilization,
    MemCopyUtilization,
    EncUtilization,
    DecUtilization,
    SmClock,
    MemClock,
    FanSpeed,
    PState,
    PowerViolation,
    ThermalViolation,
    PcieReplayCounter,
    PcieLinkGen,
    PcieLinkWidth,
    RowRemapFailure,
    RowRemapPending,
    CorrectableRemappedRows,
    UncorrectableRemappedRows,
    GpuRecoveryAction,
    FbUsed,
    FbFree,
    FbTotal,
    NvlinkBandwidthL0,
    NvlinkBandwidthL1,
    NvlinkBandwidthL2,
    NvlinkBandwidthL3,
    NvlinkBandwidthL4,
    NvlinkBandwidthL5,
    NvlinkBandwidthL6,
    NvlinkBandwidthL7,
    NvlinkBandwidthL8,
    NvlinkBandwidthL9,
    NvlinkBandwidthL10,
    NvlinkBandwidthL11,
    GrEngineActive,
    SmActive,
    SmOccupancy,
    TensorActive,
    DramActive,
    Fp64Active,
    Fp32Active,
    Fp16Active,
    PcieTxBytes,
    PcieRxBytes,
    NvlinkTxBytes,
    NvlinkRxBytes,
    PowerUsageInstant,
    PowerLimitRequested,
    PowerLimitDefault,
    PowerLimitMax,
    FbReserved,
    FbUsedRatio,
    PcieMaxLinkGen,
    PcieMaxLinkWidth,
    PcieCorrectableErrors,
    RetiredPagesSbe,
    RetiredPagesDbe,
    RetiredPagesPending,
    SramThresholdExceeded,
    MemoryUnrepairable,
    BankRemapAvailMax,
    BankRemapAvailHigh,
    BankRemapAvailPartial,
    BankRemapAvailLow,
    BankRemapAvailNone,
    EccSramSbeVolatile,
    EccSramDbeVolatile,
    EccSramSbeAggregate,
    EccSramDbeAggregate,
    EccDramSbeVolatile,
    EccDramDbeVolatile,
    EccDramSbeAggregate,
    EccDramDbeAggregate,
    NvlinkBandwidth,
    NvlinkBandwidthL12,
    NvlinkBandwidthL13,
    NvlinkBandwidthL14,
    NvlinkBandwidthL15,
    NvlinkBandwidthL16,
    NvlinkBandwidthL17,
    NvlinkCrcFlitErrors,
    NvlinkCrcDataErrors,
    NvlinkReplayErrors,
    NvlinkRecoveryErrors,
    NvlinkRxErrors,
    NvlinkIntegrityErrors,
    NvlinkRecoveryFailures,
    SyncBoostViolation,
    BoardLimitViolation,
    LowUtilViolation,
    ReliabilityViolation,
    SwPowerCapTime,
    SwThermalTime,
    HwThermalTime,
    PowerBrakeTime,
    VideoClock,
    MaxSmClock,
    EccMode,
    MigMode,
    VgpuLicenseStatus,
    IntActive,
    TensorImmaActive,
    TensorHmmaActive,
    TensorDfmaActive,
}
#pragma warning restore CS1591

/// <summary>
/// The table of all metrics. Field ids and names are those of <c>dcgm_fields.h</c> in NVIDIA DCGM up to 4.6 (old name first, then the 4.6
/// name). The ranges are wide on purpose: they exclude values that cannot be true (a temperature of 82505), not values of a faulty GPU.
/// A new metric is one member of <see cref="Metric"/>, before the last one, which <see cref="Count"/> names, and one entry at its place.
/// Everything else derives from the entry.
/// </summary>
public static class MetricCatalog
{
    private const double TwoTo53 = 9007199254740992;

    /// <summary>Number of metrics, which is also the number of value slots in a sample.</summary>
    public const int Count = (int)Metric.TensorDfmaActive + 1;

    /// <summary>All metrics, indexed by <see cref="Metrics.Metric"/>.</summary>
    // csharpier-ignore-start
    public static ImmutableArray<MetricDefinition> All { get; } =
    [
        Celsius(Metric.GpuTemp, "gpu_temp", 150, "GPU_TEMP", "GPU_TEMP_CELSIUS", "GPU temperature (in C)", required: true),
        Celsius(Metric.MemoryTemp, "memory_temp", 140, "MEMORY_TEMP", "MEMORY_TEMP_CELSIUS",
            "Memory temperature (in C)") with { ZeroIsMissing = true },
        Celsius(Metric.GpuTempSlowdown, "gpu_temp_slowdown", 158, "SLOWDOWN_TEMP", "GPU_TEMP_SLOWDOWN_CELSIUS",
            "Slowdown temperature of the device (in C)") with { ZeroIsMissing = true },
        Celsius(Metric.GpuTempShutdown, "gpu_temp_shutdown", 159, "SHUTDOWN_TEMP", "GPU_TEMP_SHUTDOWN_CELSIUS",
            "Shutdown temperature of the device (in C)") with { ZeroIsMissing = true },
        Celsius(Metric.GpuTempMaxOp, "gpu_temp_max_op", 152, "GPU_MAX_OP_TEMP", "GPU_MAX_OP_TEMP_CELSIUS",
            "Maximum operating temperature of the GPU (in C)") with { ZeroIsMissing = true },
        Celsius(Metric.MemoryTempMaxOp, "memory_temp_max_op", 151, "MEM_MAX_OP_TEMP", "MEMORY_MAX_OP_TEMP_CELSIUS",
            "Maximum operating temperature of the memory (in C)") with { ZeroIsMissing = true },
        Celsius(Metric.GpuTempMargin, "gpu_temp_margin", 153, "GPU_TEMP_LIMIT", "GPU_TEMP_MARGIN_CELSIUS",
            "Thermal margin to the slowdown temperature (in C)") with { Min = -60 },
        new(Metric.PowerUsage, "power_usage", 155, Dev("POWER_USAGE", "BOARD_POWER_WATTS"), "watts", Gauge, 0, 3000, Real,
            "Power draw (in W)", Required: true),
        new(Metric.PowerLimit, "power_limit", 164, Dev("ENFORCED_POWER_LIMIT", "BOARD_POWER_LIMIT_ENFORCED_WATTS"), "watts", Gauge, 1, 3000,
            Real, "Enforced power limit (in W)"),
        new(Metric.EnergyConsumption, "energy_consumption", 156, Dev("TOTAL_ENERGY_CONSUMPTION"), "millijoules", Counter, 0, TwoTo53,
            BigInt, "Total energy consumption since boot (in mJ)"),
        new(Metric.ThrottleReasons, "throttle_reasons", 112, Dev("CLOCK_THROTTLE_REASONS", "CLOCKS_EVENT_REASONS"), "bits", BitMask, 0,
            0xFFFF, Integer, "Clock throttle reasons (NVML bit mask)", Required: true),
        Count64(Metric.EccSbeVolatile, "ecc_sbe_volatile", 310, "errors", "Single-bit ECC errors since driver load",
            "ECC_SBE_VOL_TOTAL") with { Required = true },
        Count64(Metric.EccDbeVolatile, "ecc_dbe_volatile", 311, "errors", "Double-bit ECC errors since driver load",
            "ECC_DBE_VOL_TOTAL") with { Required = true },
        Count64(Metric.EccSbeAggregate, "ecc_sbe_aggregate", 312, "errors", "Single-bit ECC errors over the life of the device",
            "ECC_SBE_AGG_TOTAL"),
        Count64(Metric.EccDbeAggregate, "ecc_dbe_aggregate", 313, "errors", "Double-bit ECC errors over the life of the device",
            "ECC_DBE_AGG_TOTAL"),
        new(Metric.XidErrors, "xid_errors", 230, Dev("XID_ERRORS", "XID_ERROR"), "xid", Code, 0, 9999, Integer,
            "Code of the last XID error", Required: true, OnlyWhenNonZero: true),
        Percent(Metric.GpuUtilization, "gpu_utilization", 203, "GPU utilization (in %)", "GPU_UTIL", "GPU_UTIL_RATIO"),
        Percent(Metric.MemCopyUtilization, "mem_copy_utilization", 204, "Memory utilization (in %)", "MEM_COPY_UTIL"),
        Percent(Metric.EncUtilization, "enc_utilization", 206, "Encoder utilization (in %)", "ENC_UTIL"),
        Percent(Metric.DecUtilization, "dec_utilization", 207, "Decoder utilization (in %)", "DEC_UTIL"),
        new(Metric.SmClock, "sm_clock", 100, Dev("SM_CLOCK"), "megahertz", Gauge, 0, 10_000, Integer, "SM clock frequency (in MHz)"),
        new(Metric.MemClock, "mem_clock", 101, Dev("MEM_CLOCK"), "megahertz", Gauge, 0, 30_000, Integer, "Memory clock frequency (in MHz)"),
        Percent(Metric.FanSpeed, "fan_speed", 191, "Fan speed (in % of the maximum)", "FAN_SPEED") with { Max = 120 },
        new(Metric.PState, "pstate", 190, Dev("PSTATE", "GPU_PSTATE"), "pstate", Code, 0, 32, SmallInt,
            "Performance state (0 is the fastest)"),
        Count64(Metric.PowerViolation, "power_violation", 240, "nanoseconds", "Throttling duration due to power constraints (in ns)",
            "POWER_VIOLATION"),
        Count64(Metric.ThermalViolation, "thermal_violation", 241, "nanoseconds", "Throttling duration due to thermal constraints (in ns)",
            "THERMAL_VIOLATION"),
        Count64(Metric.PcieReplayCounter, "pcie_replay_counter", 202, "retries", "Total number of PCIe retries", "PCIE_REPLAY_COUNTER",
            "PCIE_REPLAY_TOTAL"),
        new(Metric.PcieLinkGen, "pcie_link_gen", 237, Dev("PCIE_LINK_GEN"), "generation", Code, 0, 16, SmallInt,
            "Current PCIe link generation"),
        new(Metric.PcieLinkWidth, "pcie_link_width", 238, Dev("PCIE_LINK_WIDTH"), "lanes", Code, 0, 64, SmallInt,
            "Current PCIe link width (in lanes)"),
        new(Metric.RowRemapFailure, "row_remap_failure", 395, Dev("ROW_REMAP_FAILURE", "ROW_REMAP_FAILED"), "flag", Code, 0, 1, SmallInt,
            "Whether row remapping has failed"),
        new(Metric.RowRemapPending, "row_remap_pending", 396, Dev("ROW_REMAP_PENDING"), "flag", Code, 0, 1, SmallInt,
            "Whether row remapping is pending until a reset"),
        Count64(Metric.CorrectableRemappedRows, "correctable_remapped_rows", 394, "rows", "Rows remapped for correctable errors",
            "CORRECTABLE_REMAPPED_ROWS", "ROW_REMAP_CORRECTABLE_TOTAL"),
        Count64(Metric.UncorrectableRemappedRows, "uncorrectable_remapped_rows", 393, "rows", "Rows remapped for uncorrectable errors",
            "UNCORRECTABLE_REMAPPED_ROWS", "ROW_REMAP_UNCORRECTABLE_TOTAL"),
        new(Metric.GpuRecoveryAction, "gpu_recovery_action", 1523, Dev("GET_GPU_RECOVERY_ACTION", "GPU_RECOVERY_ACTION"), "action", Code, 0,
            16, SmallInt, "Recovery action recommended by the driver"),
        Mebibytes(Metric.FbUsed, "fb_used", 252, "FB_USED", "Framebuffer memory used (in MiB)"),
        Mebibytes(Metric.FbFree, "fb_free", 251, "FB_FREE", "Framebuffer memory free (in MiB)"),
        Mebibytes(Metric.FbTotal, "fb_total", 250, "FB_TOTAL", "Total framebuffer memory (in MiB)"),
        Nvlink(0, 440),
        Nvlink(1, 441),
        Nvlink(2, 442),
        Nvlink(3, 443),
        Nvlink(4, 444),
        Nvlink(5, 445),
        Nvlink(6, 475),
        Nvlink(7, 476),
        Nvlink(8, 477),
        Nvlink(9, 478),
        Nvlink(10, 479),
        Nvlink(11, 480),
        Ratio(Metric.GrEngineActive, "gr_engine_active", 1001, "Ratio of time the graphics engine is active", "GR_ENGINE_ACTIVE",
            "GR_ENGINE_UTIL_RATIO"),
        Ratio(Metric.SmActive, "sm_active", 1002, "Ratio of cycles an SM has at least one warp assigned", "SM_ACTIVE", "SM_UTIL_RATIO"),
        Ratio(Metric.SmOccupancy, "sm_occupancy", 1003, "Ratio of resident warps to the maximum", "SM_OCCUPANCY", "SM_OCCUPANCY_RATIO"),
        Ratio(Metric.TensorActive, "tensor_active", 1004, "Ratio of cycles the tensor pipe is active", "PIPE_TENSOR_ACTIVE",
            "TENSOR_UTIL_RATIO"),
        Ratio(Metric.DramActive, "dram_active", 1005, "Ratio of cycles the memory interface is active", "DRAM_ACTIVE", "DRAM_UTIL_RATIO"),
        Ratio(Metric.Fp64Active, "fp64_active", 1006, "Ratio of cycles the FP64 pipe is active", "PIPE_FP64_ACTIVE", "FP64_UTIL_RATIO"),
        Ratio(Metric.Fp32Active, "fp32_active", 1007, "Ratio of cycles the FP32 pipe is active", "PIPE_FP32_ACTIVE", "FP32_UTIL_RATIO"),
        Ratio(Metric.Fp16Active, "fp16_active", 1008, "Ratio of cycles the FP16 pipe is active", "PIPE_FP16_ACTIVE", "FP16_UTIL_RATIO"),
        BytesPerSecond(Metric.PcieTxBytes, "pcie_tx_bytes", 1009, "PCIE_TX_BYTES", "Rate of bytes sent over PCIe (in B/s)"),
        BytesPerSecond(Metric.PcieRxBytes, "pcie_rx_bytes", 1010, "PCIE_RX_BYTES", "Rate of bytes received over PCIe (in B/s)"),
        BytesPerSecond(Metric.NvlinkTxBytes, "nvlink_tx_bytes", 1011, "NVLINK_TX_BYTES", "Rate of bytes sent over NVLink (in B/s)"),
        BytesPerSecond(Metric.NvlinkRxBytes, "nvlink_rx_bytes", 1012, "NVLINK_RX_BYTES", "Rate of bytes received over NVLink (in B/s)"),
        Watts(Metric.PowerUsageInstant, "power_usage_instant", 157, "POWER_USAGE_INSTANT", "BOARD_POWER_RAW_WATTS",
            "Power draw at this moment without averaging (in W)", min: 0),
        Watts(Metric.PowerLimitRequested, "power_limit_requested", 160, "POWER_MGMT_LIMIT", "BOARD_POWER_LIMIT_REQUESTED_WATTS",
            "Power limit requested by the user (in W)", min: 1),
        Watts(Metric.PowerLimitDefault, "power_limit_default", 163, "POWER_MGMT_LIMIT_DEF", "BOARD_POWER_LIMIT_DEFAULT_WATTS",
            "Default power limit (in W)", min: 1),
        Watts(Metric.PowerLimitMax, "power_limit_max", 162, "POWER_MGMT_LIMIT_MAX", "BOARD_POWER_LIMIT_MAX_WATTS",
            "Largest power limit (in W)", min: 1),
        Mebibytes(Metric.FbReserved, "fb_reserved", 253, "FB_RESERVED", "Framebuffer memory reserved (in MiB)"),
        new(Metric.FbUsedRatio, "fb_used_ratio", 254, Dev("FB_USED_PERCENT", "FB_USED_RATIO"), "ratio", Gauge, 0, 1, Real,
            "Ratio of used to unreserved framebuffer memory"),
        Small(Metric.PcieMaxLinkGen, "pcie_max_link_gen", 235, "generation", 16, "Largest PCIe link generation of device and slot",
            "PCIE_MAX_LINK_GEN"),
        Small(Metric.PcieMaxLinkWidth, "pcie_max_link_width", 236, "lanes", 64, "Largest PCIe link width of device and slot (in lanes)",
            "PCIE_MAX_LINK_WIDTH"),
        Count64(Metric.PcieCorrectableErrors, "pcie_correctable_errors", 1501, "errors", "PCIe errors that were corrected",
            "PCIE_COUNT_CORRECTABLE_ERRORS", "PCIE_CORRECTABLE_ERROR_TOTAL"),
        Count64(Metric.RetiredPagesSbe, "retired_pages_sbe", 390, "pages", "Pages retired for single-bit errors", "RETIRED_SBE",
            "PAGE_RETIRED_SBE_TOTAL"),
        Count64(Metric.RetiredPagesDbe, "retired_pages_dbe", 391, "pages", "Pages retired for double-bit errors", "RETIRED_DBE",
            "PAGE_RETIRED_DBE_TOTAL"),
        Small(Metric.RetiredPagesPending, "retired_pages_pending", 392, "pages", 1024, "Pages pending retirement", "RETIRED_PENDING",
            "PAGE_RETIRED_PENDING"),
        Small(Metric.SramThresholdExceeded, "sram_threshold_exceeded", 346, "flag", 1,
            "Whether a bank has exceeded the limit of uncorrectable SRAM errors", "THRESHOLD_SRM", "SRAM_EXCEEDED"),
        Small(Metric.MemoryUnrepairable, "memory_unrepairable", 1507, "flag", 1, "Whether the memory can no longer be repaired",
            "MEMORY_UNREPAIRABLE_FLAG", "MEMORY_UNREPAIRABLE"),
        Banks(Metric.BankRemapAvailMax, "max", 385, "all spare rows"),
        Banks(Metric.BankRemapAvailHigh, "high", 386, "many spare rows"),
        Banks(Metric.BankRemapAvailPartial, "partial", 387, "some spare rows"),
        Banks(Metric.BankRemapAvailLow, "low", 388, "few spare rows"),
        Banks(Metric.BankRemapAvailNone, "none", 389, "no spare row"),
        Count64(Metric.EccSramSbeVolatile, "ecc_sram_sbe_volatile", 342, "errors", "Single-bit SRAM errors since driver load",
            "ECC_SBE_VOL_SRM"),
        Count64(Metric.EccSramDbeVolatile, "ecc_sram_dbe_volatile", 343, "errors", "Double-bit SRAM errors since driver load",
            "ECC_DBE_VOL_SRM"),
        Count64(Metric.EccSramSbeAggregate, "ecc_sram_sbe_aggregate", 344, "errors", "Single-bit SRAM errors over the life of the device",
            "ECC_SBE_AGG_SRM"),
        Count64(Metric.EccSramDbeAggregate, "ecc_sram_dbe_aggregate", 345, "errors", "Double-bit SRAM errors over the life of the device",
            "ECC_DBE_AGG_SRM"),
        Count64(Metric.EccDramSbeVolatile, "ecc_dram_sbe_volatile", 318, "errors", "Single-bit device memory errors since driver load",
            "ECC_SBE_VOL_DEV"),
        Count64(Metric.EccDramDbeVolatile, "ecc_dram_dbe_volatile", 319, "errors", "Double-bit device memory errors since driver load",
            "ECC_DBE_VOL_DEV"),
        Count64(Metric.EccDramSbeAggregate, "ecc_dram_sbe_aggregate", 328, "errors",
            "Single-bit device memory errors over the life of the device", "ECC_SBE_AGG_DEV"),
        Count64(Metric.EccDramDbeAggregate, "ecc_dram_dbe_aggregate", 329, "errors",
            "Double-bit device memory errors over the life of the device", "ECC_DBE_AGG_DEV"),
        new(Metric.NvlinkBandwidth, "nvlink_bandwidth", 449, Dev("NVLINK_BANDWIDTH_TOTAL", "NVLINK_THROUGHPUT_TOTAL"),
            "megabytes per second", Gauge, 0, TwoTo53, BigInt, "Traffic of all NVLinks (in MB/s)"),
        Nvlink(12, 446),
        Nvlink(13, 447),
        Nvlink(14, 448),
        Nvlink(15, 494),
        Nvlink(16, 495),
        Nvlink(17, 496),
        Links(Metric.NvlinkCrcFlitErrors, "nvlink_crc_flit_errors", 409, "NVLink CRC errors of flow control",
            "NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "NVLINK_CRC_FLIT_ERROR_TOTAL", "NVLINK_CRC_FLIT_ERROR_PER_LINK_TOTAL"),
        Links(Metric.NvlinkCrcDataErrors, "nvlink_crc_data_errors", 419, "NVLink CRC errors of data", "NVLINK_CRC_DATA_ERROR_COUNT_TOTAL",
            "NVLINK_CRC_DATA_ERROR_TOTAL", "NVLINK_CRC_DATA_ERROR_PER_LINK_TOTAL"),
        Links(Metric.NvlinkReplayErrors, "nvlink_replay_errors", 429, "NVLink replays", "NVLINK_REPLAY_ERROR_COUNT_TOTAL",
            "NVLINK_REPLAY_ERROR_TOTAL", "NVLINK_REPLAY_ERROR_PER_LINK_TOTAL"),
        Links(Metric.NvlinkRecoveryErrors, "nvlink_recovery_errors", 439, "NVLink recoveries", "NVLINK_RECOVERY_ERROR_COUNT_TOTAL",
            "NVLINK_RECOVERY_ERROR_TOTAL", "NVLINK_RECOVERY_ERROR_PER_LINK_TOTAL"),
        Links(Metric.NvlinkRxErrors, "nvlink_rx_errors", 1206, "NVLink 5 packets received with errors", "NVLINK_COUNT_RX_ERRORS",
            "NVLINK_RX_ERROR_TOTAL"),
        Links(Metric.NvlinkIntegrityErrors, "nvlink_integrity_errors", 1209, "NVLink 5 link integrity errors",
            "NVLINK_COUNT_LOCAL_LINK_INTEGRITY_ERRORS", "NVLINK_INTEGRITY_ERROR_TOTAL"),
        Links(Metric.NvlinkRecoveryFailures, "nvlink_recovery_failures", 1212, "NVLink 5 link recoveries that failed",
            "NVLINK_COUNT_LINK_RECOVERY_FAILED_EVENTS", "NVLINK_RECOVERY_FAILED_TOTAL"),
        Count64(Metric.SyncBoostViolation, "sync_boost_violation", 242, "nanoseconds", "Throttling duration due to sync boost (in ns)",
            "SYNC_BOOST_VIOLATION"),
        Count64(Metric.BoardLimitViolation, "board_limit_violation", 243, "nanoseconds", "Throttling duration due to board limits (in ns)",
            "BOARD_LIMIT_VIOLATION"),
        Count64(Metric.LowUtilViolation, "low_util_violation", 244, "nanoseconds", "Throttling duration due to low utilization (in ns)",
            "LOW_UTIL_VIOLATION"),
        Count64(Metric.ReliabilityViolation, "reliability_violation", 245, "nanoseconds",
            "Throttling duration due to reliability constraints (in ns)", "RELIABILITY_VIOLATION"),
        Count64(Metric.SwPowerCapTime, "sw_power_cap_time", 1420, "nanoseconds", "Time under the software power cap (in ns)",
            "CLOCKS_EVENT_REASON_SW_POWER_CAP_NS"),
        Count64(Metric.SwThermalTime, "sw_thermal_time", 1422, "nanoseconds", "Time under software thermal slowdown (in ns)",
            "CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN_NS"),
        Count64(Metric.HwThermalTime, "hw_thermal_time", 1423, "nanoseconds", "Time under hardware thermal slowdown (in ns)",
            "CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN_NS"),
        Count64(Metric.PowerBrakeTime, "power_brake_time", 1424, "nanoseconds", "Time under hardware power brake slowdown (in ns)",
            "CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN_NS"),
        new(Metric.VideoClock, "video_clock", 102, Dev("VIDEO_CLOCK"), "megahertz", Gauge, 0, 10_000, Integer,
            "Video clock frequency (in MHz)"),
        new(Metric.MaxSmClock, "max_sm_clock", 113, Dev("MAX_SM_CLOCK"), "megahertz", Gauge, 1, 10_000, Integer,
            "Largest SM clock frequency (in MHz)"),
        Small(Metric.EccMode, "ecc_mode", 300, "flag", 1, "Whether ECC is on", "ECC_CURRENT", "ECC_MODE"),
        Small(Metric.MigMode, "mig_mode", 67, "flag", 1, "Whether MIG is on", "MIG_MODE"),
        Small(Metric.VgpuLicenseStatus, "vgpu_license_status", 526, "status", 16, "vGPU license status", "VGPU_LICENSE_STATUS"),
        Ratio(Metric.IntActive, "int_active", 1016, "Ratio of cycles the integer pipe is active", "PIPE_INT_ACTIVE", "INT_UTIL_RATIO"),
        Ratio(Metric.TensorImmaActive, "tensor_imma_active", 1013, "Ratio of cycles the tensor pipe works on integers",
            "PIPE_TENSOR_IMMA_ACTIVE", "IMMA_UTIL_RATIO"),
        Ratio(Metric.TensorHmmaActive, "tensor_hmma_active", 1014, "Ratio of cycles the tensor pipe works on half precision",
            "PIPE_TENSOR_HMMA_ACTIVE", "HMMA_UTIL_RATIO"),
        Ratio(Metric.TensorDfmaActive, "tensor_dfma_active", 1015, "Ratio of cycles the tensor pipe works on double precision",
            "PIPE_TENSOR_DFMA_ACTIVE", "DFMA_UTIL_RATIO"),
    ];
    // csharpier-ignore-end

    /// <summary>All metrics by canonical name.</summary>
    public static FrozenDictionary<string, MetricDefinition> ByName { get; } = All.ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);

    /// <summary>All metrics by DCGM field id.</summary>
    public static FrozenDictionary<int, MetricDefinition> ByField { get; } = All.ToFrozenDictionary(m => m.DcgmFieldId);

    /// <summary>Gets the definition of <paramref name="metric"/>.</summary>
    public static MetricDefinition Get(Metric metric) => All[(int)metric];

    private static string[] Dev(params ReadOnlySpan<string> names) => Prefixed("DCGM_FI_DEV_", names);

    private static string[] Prefixed(string prefix, ReadOnlySpan<string> names)
    {
        var full = new string[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            full[i] = prefix + names[i];
        }

        return full;
    }

    private static MetricDefinition Celsius(
        Metric m,
        string name,
        int field,
        string old,
        string renamed,
        string help,
        bool required = false
    ) => new(m, name, field, Dev(old, renamed), "celsius", Gauge, 0, 150, Real, help, Required: required);

    private static MetricDefinition Count64(
        Metric m,
        string name,
        int field,
        string unit,
        string help,
        params ReadOnlySpan<string> names
    ) => new(m, name, field, Dev(names), unit, Counter, 0, TwoTo53, BigInt, help);

    private static MetricDefinition Percent(Metric m, string name, int field, string help, params ReadOnlySpan<string> names) =>
        new(m, name, field, Dev(names), "percent", Gauge, 0, 100, SmallInt, help);

    private static MetricDefinition Mebibytes(Metric m, string name, int field, string exporter, string help) =>
        new(m, name, field, Dev(exporter), "mebibytes", Gauge, 0, 4_194_304, Integer, help);

    private static MetricDefinition Nvlink(int link, int field) =>
        new(
            link < 12 ? Metric.NvlinkBandwidthL0 + (byte)link : Metric.NvlinkBandwidthL12 + (byte)(link - 12),
            $"nvlink_l{link}_bandwidth",
            field,
            Dev($"NVLINK_BANDWIDTH_L{link}", $"NVLINK_THROUGHPUT_L{link}"),
            // A rate since DCGM's last reading, whatever the exporter's TYPE says.
            "megabytes per second",
            Gauge,
            0,
            TwoTo53,
            BigInt,
            $"Traffic of NVLink {link} (in MB/s)",
            NvlinkIndex: link
        );

    private static MetricDefinition Links(Metric m, string name, int field, string help, params ReadOnlySpan<string> names) =>
        Count64(m, name, field, "errors", help, names) with
        {
            SumsLinks = true,
        };

    private static MetricDefinition Banks(Metric m, string level, int field, string spare) =>
        Small(
            m,
            $"bank_remap_avail_{level}",
            field,
            "banks",
            16_384,
            $"Memory banks with {spare} for remapping",
            $"BANKS_REMAP_ROWS_AVAIL_{level.ToUpperInvariant()}",
            $"BANK_REMAP_AVAIL_{level.ToUpperInvariant()}"
        );

    private static MetricDefinition Small(
        Metric m,
        string name,
        int field,
        string unit,
        double max,
        string help,
        params ReadOnlySpan<string> names
    ) => new(m, name, field, Dev(names), unit, Code, 0, max, SmallInt, help);

    private static MetricDefinition Watts(Metric m, string name, int field, string old, string renamed, string help, double min) =>
        new(m, name, field, Dev(old, renamed), "watts", Gauge, min, 3000, Real, help);

    private static MetricDefinition Ratio(Metric m, string name, int field, string help, params ReadOnlySpan<string> names) =>
        new(m, name, field, Prefixed("DCGM_FI_PROF_", names), "ratio", Gauge, 0, 1.05, Real, help);

    private static MetricDefinition BytesPerSecond(Metric m, string name, int field, string exporter, string help) =>
        new(m, name, field, Prefixed("DCGM_FI_PROF_", [exporter]), "bytes per second", Gauge, 0, 1e13, BigInt, help);
}
