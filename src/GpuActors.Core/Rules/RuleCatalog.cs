namespace GpuActors.Core.Rules;

/// <summary>
/// The one table of rules: kind, name, title. Thresholds are in <see cref="RuleSettings"/>, their sources in <c>hocon/rules.conf</c>.
/// </summary>
public static class RuleCatalog
{
    /// <summary>Number of rules.</summary>
    public const int Count = (int)RuleKind.Flapping + 1;

    private static readonly (RuleKind Kind, string Id, string Title)[] Table =
    [
        (RuleKind.HwThermal, RuleIds.HwThermal, "Hardware thermal slowdown (0x40)"),
        (RuleKind.PowerBrake, RuleIds.PowerBrake, "Power brake slowdown (0x80)"),
        (RuleKind.HwSlowdown, RuleIds.HwSlowdown, "Hardware slowdown without a named cause (0x8)"),
        (RuleKind.SwThermal, RuleIds.SwThermal, "Software thermal slowdown (0x20)"),
        (RuleKind.PowerCap, RuleIds.PowerCap, "Software power cap (0x4)"),
        (RuleKind.GpuTempCritical, RuleIds.GpuTempCritical, "GPU temperature at the slowdown limit"),
        (RuleKind.GpuTempHigh, RuleIds.GpuTempHigh, "GPU temperature above its operating limit"),
        (RuleKind.MemoryTempHigh, RuleIds.MemoryTempHigh, "Memory temperature above its operating limit"),
        (RuleKind.TempTrend, RuleIds.TempTrend, "Temperature rises from day to day"),
        (RuleKind.ThermalResistance, RuleIds.ThermalResistance, "Hotter than before at the same power"),
        (RuleKind.EccDbe, RuleIds.EccDbe, "Double-bit ECC error"),
        (RuleKind.EccSbeRate, RuleIds.EccSbeRate, "Single-bit ECC errors"),
        (RuleKind.RetiredPages, RuleIds.RetiredPages, "Too many retired pages"),
        (RuleKind.RetirementPending, RuleIds.RetirementPending, "Pages wait for retirement"),
        (RuleKind.RowRemapPending, RuleIds.RowRemapPending, "Row remapping waits for a reset"),
        (RuleKind.RowRemapFailure, RuleIds.RowRemapFailure, "Row remapping failed"),
        (RuleKind.RowRemapLimit, RuleIds.RowRemapLimit, "Too many remapped rows"),
        (RuleKind.SramThreshold, RuleIds.SramThreshold, "SRAM error threshold exceeded"),
        (RuleKind.MemoryUnrepairable, RuleIds.MemoryUnrepairable, "Memory is unrepairable"),
        (RuleKind.Xid, RuleIds.Xid, "XID error"),
        (RuleKind.XidRepeated, RuleIds.XidRepeated, "XID comes again and again"),
        (RuleKind.XidApplication, RuleIds.XidApplication, "Application XID on one GPU only"),
        (RuleKind.Sxid, RuleIds.Sxid, "NVSwitch error"),
        (RuleKind.NvlinkErrors, RuleIds.NvlinkErrors, "NVLink replay or recovery"),
        (RuleKind.NvlinkCrc, RuleIds.NvlinkCrc, "NVLink CRC errors"),
        (RuleKind.NvlinkCrcStorm, RuleIds.NvlinkCrcStorm, "NVLink CRC error storm"),
        (RuleKind.Nvlink5Errors, RuleIds.Nvlink5Errors, "NVLink 5 errors"),
        (RuleKind.NvlinkBandwidth, RuleIds.NvlinkBandwidth, "NVLink traffic far below the neighbours'"),
        (RuleKind.PcieReplay, RuleIds.PcieReplay, "PCIe replays"),
        (RuleKind.PcieLink, RuleIds.PcieLink, "PCIe link below its best"),
        (RuleKind.PowerLimited, RuleIds.PowerLimited, "At the power limit with falling clocks"),
        (RuleKind.RecoveryAction, RuleIds.RecoveryAction, "The driver asks for a recovery action"),
        (RuleKind.GpuAbsent, RuleIds.GpuAbsent, "GPU absent"),
        (RuleKind.GpuLost, RuleIds.GpuLost, "GPU lost"),
        (RuleKind.HostAbsent, RuleIds.HostAbsent, "Host absent"),
        (RuleKind.ExporterDown, RuleIds.ExporterDown, "Exporter down"),
        (RuleKind.TelemetryFrozen, RuleIds.TelemetryFrozen, "Telemetry frozen"),
        (RuleKind.FieldMissing, RuleIds.FieldMissing, "Required field missing"),
        (RuleKind.Flapping, RuleIds.Flapping, "Alert is flapping"),
    ];

    private static readonly string[] Ids = Table.Select(r => r.Id).ToArray();
    private static readonly string[] Titles = Table.Select(r => r.Title).ToArray();
    private static readonly Dictionary<string, RuleKind> Kinds = Table.ToDictionary(r => r.Id, r => r.Kind, StringComparer.Ordinal);

    /// <summary>All rules, in the order in which they judge.</summary>
    public static IReadOnlyList<RuleKind> All { get; } = Enum.GetValues<RuleKind>();

    /// <summary>Name of a rule, as alerts carry it (<c>power_brake</c>).</summary>
    public static string Id(RuleKind kind) => Ids[(int)kind];

    /// <summary>What its alert says has happened, in a few words.</summary>
    public static string Title(RuleKind kind) => Titles[(int)kind];

    /// <summary>The rule of a name.</summary>
    /// <returns>False when there is none, as in a snapshot of a newer build.</returns>
    public static bool TryFind(string id, out RuleKind kind) => Kinds.TryGetValue(id, out kind);
}
