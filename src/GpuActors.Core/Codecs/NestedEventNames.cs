using System.Collections.Frozen;
using System.Text;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The table of the nested event's members, with the metric and the unit conversion of each. The original collectors send the members of
/// the first group. The other members follow the naming of the sections and serve extended collectors. Members that are not in the table
/// are counted by name and ignored. The members that end in <c>_pct</c> are in percent, but a collector that scrapes a real dcgm-exporter
/// passes its ratios of profiling on unchanged: the profiling values of an event are taken for ratios if none of them exceeds 1.
/// </summary>
internal static class NestedEventNames
{
    private const double Percent = 100,
        Mebi = 1_048_576,
        Joule = 1000,
        KilowattHour = 3.6e9;

    /// <summary>Longest name of a member with its section, in characters.</summary>
    public const int LongestKey = 64;

    /// <summary>All members.</summary>
    public static IReadOnlyList<NestedEventName> All { get; } =
    [
        // Sent by the original collectors.
        new("health", "gpu_temp_c", Metric.GpuTemp, ZeroIsMissing: true),
        new("health", "memory_temp_c", Metric.MemoryTemp, ZeroIsMissing: true),
        new("health", "power_usage_w", Metric.PowerUsage, ZeroIsMissing: true),
        new("health", "throttle_reasons", Metric.ThrottleReasons),
        new("memory", "fb_used_mib", Metric.FbUsed),
        new("memory", "fb_free_mib", Metric.FbFree),
        new("memory", "fb_total_mib", Metric.FbTotal, ZeroIsMissing: true),
        new("memory", "utilization_pct", Metric.FbUsedRatio, Per: Percent),
        new("memory", "ecc_sbe_volatile", Metric.EccSbeVolatile),
        new("memory", "ecc_dbe_volatile", Metric.EccDbeVolatile),
        new("memory", "ecc_sbe_aggregate", Metric.EccSbeAggregate),
        new("memory", "ecc_dbe_aggregate", Metric.EccDbeAggregate),
        new("memory", "retired_pages_sbe", Metric.RetiredPagesSbe),
        new("memory", "retired_pages_dbe", Metric.RetiredPagesDbe),
        new("performance", "sm_active_pct", Metric.SmActive, Per: Percent, IsProfiling: true),
        new("performance", "sm_occupancy_pct", Metric.SmOccupancy, Per: Percent, IsProfiling: true),
        new("performance", "tensor_active_pct", Metric.TensorActive, Per: Percent, IsProfiling: true),
        new("performance", "dram_active_pct", Metric.DramActive, Per: Percent, IsProfiling: true),
        new("performance", "pcie_tx_mb_per_sec", Metric.PcieTxBytes, Times: Mebi),
        new("performance", "pcie_rx_mb_per_sec", Metric.PcieRxBytes, Times: Mebi),
        new("performance", "memory_copy_utilization_pct", Metric.MemCopyUtilization),
        new("clocks", "sm_clock_mhz", Metric.SmClock, ZeroIsMissing: true),
        new("clocks", "mem_clock_mhz", Metric.MemClock, ZeroIsMissing: true),
        new("energy", "total_energy_consumption_mj", Metric.EnergyConsumption, ZeroIsMissing: true),
        // Sent by extended collectors.
        new("health", "gpu_temp_slowdown_c", Metric.GpuTempSlowdown),
        new("health", "gpu_temp_shutdown_c", Metric.GpuTempShutdown),
        new("health", "gpu_temp_margin_c", Metric.GpuTempMargin),
        new("health", "power_limit_w", Metric.PowerLimit),
        new("health", "power_usage_instant_w", Metric.PowerUsageInstant),
        new("health", "xid_errors", Metric.XidErrors),
        new("health", "last_xid", Metric.XidErrors),
        new("health", "pstate", Metric.PState),
        new("health", "pcie_replay_counter", Metric.PcieReplayCounter),
        new("health", "power_violation_ns", Metric.PowerViolation),
        new("health", "thermal_violation_ns", Metric.ThermalViolation),
        new("health", "power_violation_us", Metric.PowerViolation, Times: 1000),
        new("health", "thermal_violation_us", Metric.ThermalViolation, Times: 1000),
        new("health", "gpu_recovery_action", Metric.GpuRecoveryAction),
        new("memory", "fb_reserved_mib", Metric.FbReserved),
        new("memory", "retired_pages_pending", Metric.RetiredPagesPending),
        new("memory", "correctable_remapped_rows", Metric.CorrectableRemappedRows),
        new("memory", "uncorrectable_remapped_rows", Metric.UncorrectableRemappedRows),
        new("memory", "row_remap_pending", Metric.RowRemapPending),
        new("memory", "row_remap_failure", Metric.RowRemapFailure),
        new("memory", "copy_utilization_pct", Metric.MemCopyUtilization),
        new("performance", "gpu_utilization_pct", Metric.GpuUtilization),
        new("performance", "mem_copy_utilization_pct", Metric.MemCopyUtilization),
        new("performance", "enc_utilization_pct", Metric.EncUtilization),
        new("performance", "dec_utilization_pct", Metric.DecUtilization),
        new("performance", "gr_engine_active_pct", Metric.GrEngineActive, Per: Percent, IsProfiling: true),
        new("performance", "fp64_active_pct", Metric.Fp64Active, Per: Percent, IsProfiling: true),
        new("performance", "fp32_active_pct", Metric.Fp32Active, Per: Percent, IsProfiling: true),
        new("performance", "fp16_active_pct", Metric.Fp16Active, Per: Percent, IsProfiling: true),
        new("performance", "nvlink_tx_mb_per_sec", Metric.NvlinkTxBytes, Times: Mebi),
        new("performance", "nvlink_rx_mb_per_sec", Metric.NvlinkRxBytes, Times: Mebi),
        new("performance", "pcie_link_gen", Metric.PcieLinkGen),
        new("performance", "pcie_link_width", Metric.PcieLinkWidth),
        new("clocks", "video_clock_mhz", Metric.VideoClock),
        new("clocks", "max_sm_clock_mhz", Metric.MaxSmClock),
        new("cooling", "fan_speed_pct", Metric.FanSpeed),
        new("energy", "total_energy_mj", Metric.EnergyConsumption, ZeroIsMissing: true),
        new("energy", "total_energy_j", Metric.EnergyConsumption, Times: Joule, ZeroIsMissing: true),
        new("energy", "total_energy_kwh", Metric.EnergyConsumption, Times: KilowattHour, ZeroIsMissing: true),
        new("energy", "energy_consumption_mj", Metric.EnergyConsumption, ZeroIsMissing: true),
        new("energy", "energy_consumption_j", Metric.EnergyConsumption, Times: Joule, ZeroIsMissing: true),
    ];

    /// <summary>The members that are shares of cycles.</summary>
    public static IReadOnlyList<NestedEventName> Profiling { get; } = [.. All.Where(name => name.IsProfiling)];

    /// <summary>Names of throttle reasons, with the NVML bit of each.</summary>
    public static IReadOnlyList<(string Name, int Bit)> ThrottleReasons { get; } =
    [
        // Sent by the original collectors.
        ("HW_SLOWDOWN", ThrottleBits.HwSlowdown),
        ("HW_THERMAL", ThrottleBits.HwThermal),
        ("HW_POWER_BRAKE", ThrottleBits.PowerBrake),
        ("SW_POWER_CAP", ThrottleBits.SwPowerCap),
        ("SW_THERMAL", ThrottleBits.SwThermal),
        // NVML's names of the same reasons and of the others.
        ("HW_THERMAL_SLOWDOWN", ThrottleBits.HwThermal),
        ("HW_POWER_BRAKE_SLOWDOWN", ThrottleBits.PowerBrake),
        ("SW_THERMAL_SLOWDOWN", ThrottleBits.SwThermal),
        ("GPU_IDLE", 0x1),
        ("APPLICATIONS_CLOCKS_SETTING", 0x2),
        ("SYNC_BOOST", 0x10),
        ("DISPLAY_CLOCK_SETTING", 0x100),
    ];

    private static readonly FrozenDictionary<string, NestedEventName>.AlternateLookup<ReadOnlySpan<char>> ByName = All.ToFrozenDictionary(
            n => $"{n.Section}.{n.Member}",
            StringComparer.Ordinal
        )
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Finds the entry of a member; null if the table does not contain it.</summary>
    public static NestedEventName? Find(ReadOnlySpan<byte> section, ReadOnlySpan<byte> member)
    {
        Span<char> key = stackalloc char[LongestKey];
        var length = WriteKey(section, member, key);
        return length > 0 && ByName.TryGetValue(key[..length], out var name) ? name : null;
    }

    /// <summary>Writes section, dot and member.</summary>
    /// <param name="section">Section of <c>metrics</c>.</param>
    /// <param name="member">Member of the section.</param>
    /// <param name="key">Space for <see cref="LongestKey"/> characters.</param>
    /// <returns>The length; 0 if the text is too long or not UTF-8.</returns>
    public static int WriteKey(ReadOnlySpan<byte> section, ReadOnlySpan<byte> member, Span<char> key)
    {
        if (
            section.Length + member.Length >= LongestKey
            || !Encoding.UTF8.TryGetChars(section, key, out var dot)
            || !Encoding.UTF8.TryGetChars(member, key[(dot + 1)..], out var rest)
        )
        {
            return 0;
        }

        key[dot] = '.';
        return dot + 1 + rest;
    }

    /// <summary>Gets the bit of a throttle reason, ignoring case; 0 if the table does not contain it.</summary>
    public static int ThrottleBit(ReadOnlySpan<byte> name)
    {
        foreach (var (known, bit) in ThrottleReasons)
        {
            if (Ascii.EqualsIgnoreCase(name, known))
            {
                return bit;
            }
        }

        return 0;
    }
}
