using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>
/// The rules in force. Policy is data: every value here is a key of <c>hocon/rules.conf</c> under <c>gpu-actors.rules</c>, the property's
/// name in kebab-case (<c>HwThermal.ClearDelay</c> is <c>gpu-actors.rules.hw-thermal.clear-delay</c>); XIDs and products have tables of
/// their own. Sources of the defaults stand beside the keys.
/// </summary>
public sealed record RuleSettings
{
    /// <summary>When a GPU counts as absent.</summary>
    public AbsenceSettings Absence { get; init; } = new();

    /// <summary>NVML bit 0x40: the hardware slows the clocks because it is too hot.</summary>
    public AlertRuleSettings HwThermal { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Action = RecommendedAction.CheckCooling,
            Runbook = "#hw-thermal",
        };

    /// <summary>NVML bit 0x80: the power supply asserts its brake, usually on a whole rack at once.</summary>
    public AlertRuleSettings PowerBrake { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Action = RecommendedAction.CheckPower,
            Runbook = "#power-brake",
        };

    /// <summary>NVML bit 0x8 without 0x40 or 0x80, sustained: it flickers at P-state changes.</summary>
    public AlertRuleSettings HwSlowdown { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Required = 3,
            Of = 3,
            Hold = TimeSpan.FromSeconds(30),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#hw-slowdown",
        };

    /// <summary>NVML bit 0x20: the driver slows the clocks because it is too hot, for a large part of the time.</summary>
    public DutyRuleSettings SwThermal { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.FromMinutes(1),
            Action = RecommendedAction.CheckCooling,
            Runbook = "#sw-thermal",
        };

    /// <summary>NVML bit 0x4, nearly always: normal under load, and worth knowing.</summary>
    public DutyRuleSettings PowerCap { get; init; } =
        new()
        {
            Severity = AlertSeverity.Info,
            MinDuty = 0.9,
            ClearDelay = TimeSpan.FromMinutes(5),
            Runbook = "#power-cap",
        };

    /// <summary>The GPU is at the temperature at which its hardware slows down.</summary>
    public AlertRuleSettings GpuTempCritical { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            ClearDelay = TimeSpan.FromMinutes(1),
            Action = RecommendedAction.CheckCooling,
            Runbook = "#gpu-temp-critical",
        };

    /// <summary>The GPU is above its highest operating temperature.</summary>
    public AlertRuleSettings GpuTempHigh { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Required = 3,
            Of = 3,
            Hold = TimeSpan.FromSeconds(30),
            ClearDelay = TimeSpan.FromMinutes(1),
            Action = RecommendedAction.CheckCooling,
            Runbook = "#gpu-temp-high",
        };

    /// <summary>The memory is above its highest operating temperature.</summary>
    public AlertRuleSettings MemoryTempHigh { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Required = 3,
            Of = 3,
            Hold = TimeSpan.FromSeconds(30),
            ClearDelay = TimeSpan.FromMinutes(1),
            Action = RecommendedAction.CheckCooling,
            Runbook = "#memory-temp-high",
        };

    /// <summary>The temperature rises day by day.</summary>
    public TemperatureTrendRuleSettings TempTrend { get; init; } =
        new()
        {
            Severity = AlertSeverity.Info,
            ClearDelay = TimeSpan.FromHours(6),
            Action = RecommendedAction.CheckCooling,
            Runbook = "#temp-trend",
        };

    /// <summary>The GPU gets hotter than before at the same power.</summary>
    public ThermalResistanceRuleSettings ThermalResistance { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.FromHours(6),
            Action = RecommendedAction.CheckCooling,
            Runbook = "#thermal-resistance",
        };

    /// <summary>A new double-bit error. Open until the driver is reloaded.</summary>
    public AlertRuleSettings EccDbe { get; init; } =
        new()
        {
            ClearDelay = TimeSpan.Zero,
            Action = RecommendedAction.ResetGpu,
            Runbook = "#ecc-dbe",
        };

    /// <summary>Many new single-bit errors, and not fewer than before.</summary>
    public EccSbeRuleSettings EccSbeRate { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.FromMinutes(5),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#ecc-sbe-rate",
        };

    /// <summary>Too many retired pages, or new ones among many.</summary>
    public RetiredPagesRuleSettings RetiredPages { get; init; } =
        new()
        {
            ClearDelay = TimeSpan.FromMinutes(1),
            Action = RecommendedAction.ContactSupport,
            Runbook = "#retired-pages",
        };

    /// <summary>Pages wait for retirement, which takes a reset.</summary>
    public AlertRuleSettings RetirementPending { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Required = 3,
            Of = 3,
            Action = RecommendedAction.ResetGpu,
            Runbook = "#retirement-pending",
        };

    /// <summary>A row waits for remapping, which takes a reset.</summary>
    public AlertRuleSettings RowRemapPending { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Required = 3,
            Of = 3,
            Action = RecommendedAction.ResetGpu,
            Runbook = "#row-remap-pending",
        };

    /// <summary>A row could not be remapped: the board is to be replaced.</summary>
    public AlertRuleSettings RowRemapFailure { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Action = RecommendedAction.ContactSupport,
            Runbook = "#row-remap-failure",
        };

    /// <summary>Too many rows were remapped for uncorrectable errors.</summary>
    public RemappedRowsRuleSettings RowRemapLimit { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Action = RecommendedAction.ContactSupport,
            Runbook = "#row-remap-limit",
        };

    /// <summary>A bank has passed the limit of uncorrectable SRAM errors (field 346).</summary>
    public AlertRuleSettings SramThreshold { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Action = RecommendedAction.ContactSupport,
            Runbook = "#sram-threshold",
        };

    /// <summary>The memory can't be repaired any more (field 1507).</summary>
    public AlertRuleSettings MemoryUnrepairable { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Action = RecommendedAction.ContactSupport,
            Runbook = "#memory-unrepairable",
        };

    /// <summary>XID errors: severity, action and what keeps an alert open are the policy's, per code.</summary>
    public XidRuleSettings Xid { get; init; } = new() { Runbook = "#xid" };

    /// <summary>One hardware XID again and again on one GPU.</summary>
    public XidRepeatRuleSettings XidRepeated { get; init; } =
        new()
        {
            ClearDelay = TimeSpan.FromMinutes(1),
            Action = RecommendedAction.ContactSupport,
            Runbook = "#xid-repeated",
        };

    /// <summary>One application XID again and again on one GPU and on none of its neighbours: perhaps not the application.</summary>
    public XidRepeatRuleSettings XidApplication { get; init; } =
        new()
        {
            Severity = AlertSeverity.Info,
            Bursts = 3,
            ClearDelay = TimeSpan.FromMinutes(1),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#xid-application",
        };

    /// <summary>An NVSwitch's error in the kernel log.</summary>
    public AlertRuleSettings Sxid { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.FromHours(1),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#sxid",
        };

    /// <summary>NVLink replays or recoveries.</summary>
    public CounterRateRuleSettings NvlinkErrors { get; init; } =
        new()
        {
            ClearDelay = TimeSpan.FromMinutes(10),
            BootGrace = TimeSpan.FromMinutes(10),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#nvlink-errors",
        };

    /// <summary>NVLink CRC errors.</summary>
    public CounterRateRuleSettings NvlinkCrc { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.FromMinutes(10),
            BootGrace = TimeSpan.FromMinutes(10),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#nvlink-crc",
        };

    /// <summary>Very many NVLink CRC errors.</summary>
    public CounterRateRuleSettings NvlinkCrcStorm { get; init; } =
        new()
        {
            MaxPerSecond = 100,
            ClearDelay = TimeSpan.FromMinutes(10),
            BootGrace = TimeSpan.FromMinutes(10),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#nvlink-crc-storm",
        };

    /// <summary>Errors of NVLink 5 (Blackwell).</summary>
    public CounterRateRuleSettings Nvlink5Errors { get; init; } =
        new()
        {
            ClearDelay = TimeSpan.FromMinutes(10),
            BootGrace = TimeSpan.FromMinutes(10),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#nvlink5-errors",
        };

    /// <summary>Far less traffic over NVLink than the neighbours.</summary>
    public NvlinkBandwidthRuleSettings NvlinkBandwidth { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Required = 5,
            Of = 5,
            ClearDelay = TimeSpan.FromMinutes(5),
            BootGrace = TimeSpan.FromMinutes(10),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#nvlink-bandwidth",
        };

    /// <summary>More PCIe replays a minute than the link's generation and width allow.</summary>
    public PcieReplayRuleSettings PcieReplay { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.FromMinutes(5),
            BootGrace = TimeSpan.FromMinutes(5),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#pcie-replay",
        };

    /// <summary>The PCIe link is slower or narrower than it could be, under load.</summary>
    public PcieLinkRuleSettings PcieLink { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Required = 3,
            Of = 3,
            Hold = TimeSpan.FromMinutes(5),
            ClearDelay = TimeSpan.FromMinutes(5),
            BootGrace = TimeSpan.FromMinutes(5),
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#pcie-link",
        };

    /// <summary>At the power limit, with clocks that fall.</summary>
    public PowerLimitRuleSettings PowerLimited { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.FromMinutes(5),
            Action = RecommendedAction.CheckPower,
            Runbook = "#power-limited",
        };

    /// <summary>The driver itself asks for a recovery action (field 1523); the action follows the field.</summary>
    public AlertRuleSettings RecoveryAction { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Runbook = "#recovery-action",
        };

    /// <summary>A GPU is absent, and nothing is known of its host.</summary>
    public AlertRuleSettings GpuAbsent { get; init; } =
        new()
        {
            ClearDelay = TimeSpan.Zero,
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#gpu-absent",
        };

    /// <summary>A GPU is absent while its host reports: it may have fallen off the bus.</summary>
    public AlertRuleSettings GpuLost { get; init; } =
        new()
        {
            ClearDelay = TimeSpan.Zero,
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#gpu-lost",
        };

    /// <summary>All GPUs of a host are absent, for longer than a reboot takes.</summary>
    public AlertRuleSettings HostAbsent { get; init; } =
        new()
        {
            Hold = TimeSpan.FromMinutes(5),
            ClearDelay = TimeSpan.Zero,
            Action = RecommendedAction.DrainAndInspect,
            Runbook = "#host-absent",
        };

    /// <summary>A GPU is absent because its exporter can't be scraped.</summary>
    public AlertRuleSettings ExporterDown { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            ClearDelay = TimeSpan.Zero,
            Action = RecommendedAction.None,
            Runbook = "#exporter-down",
        };

    /// <summary>The energy counter stands still while samples come: the driver hangs.</summary>
    public AlertRuleSettings TelemetryFrozen { get; init; } =
        new()
        {
            Required = 3,
            Of = 3,
            Hold = TimeSpan.FromSeconds(90),
            ClearDelay = TimeSpan.FromSeconds(30),
            BootGrace = TimeSpan.FromMinutes(2),
            Action = RecommendedAction.RebootNode,
            Runbook = "#telemetry-frozen",
        };

    /// <summary>A field that alerts need is not published.</summary>
    public AlertRuleSettings FieldMissing { get; init; } =
        new()
        {
            Severity = AlertSeverity.Warning,
            Hold = TimeSpan.FromMinutes(10),
            ClearDelay = TimeSpan.FromMinutes(1),
            BootGrace = TimeSpan.FromMinutes(10),
            Runbook = "#field-missing",
        };

    /// <summary>An alert opens and closes again and again.</summary>
    public FlapSettings Flapping { get; init; } = new() { Severity = AlertSeverity.Warning, Runbook = "#flapping" };

    /// <summary>What each XID means (<c>xid-policy.conf</c>).</summary>
    public XidPolicy XidPolicy { get; init; } = XidPolicy.Default;

    /// <summary>Limits by product (<c>gpu-models.conf</c>).</summary>
    public GpuModelPolicy Models { get; init; } = GpuModelPolicy.Default;

    /// <summary>What all rules have in common, of one rule.</summary>
    public AlertRuleSettings Of(RuleKind kind) =>
        kind switch
        {
            RuleKind.HwThermal => HwThermal,
            RuleKind.PowerBrake => PowerBrake,
            RuleKind.HwSlowdown => HwSlowdown,
            RuleKind.SwThermal => SwThermal,
            RuleKind.PowerCap => PowerCap,
            RuleKind.GpuTempCritical => GpuTempCritical,
            RuleKind.GpuTempHigh => GpuTempHigh,
            RuleKind.MemoryTempHigh => MemoryTempHigh,
            RuleKind.TempTrend => TempTrend,
            RuleKind.ThermalResistance => ThermalResistance,
            RuleKind.EccDbe => EccDbe,
            RuleKind.EccSbeRate => EccSbeRate,
            RuleKind.RetiredPages => RetiredPages,
            RuleKind.RetirementPending => RetirementPending,
            RuleKind.RowRemapPending => RowRemapPending,
            RuleKind.RowRemapFailure => RowRemapFailure,
            RuleKind.RowRemapLimit => RowRemapLimit,
            RuleKind.SramThreshold => SramThreshold,
            RuleKind.MemoryUnrepairable => MemoryUnrepairable,
            RuleKind.Xid => Xid,
            RuleKind.XidRepeated => XidRepeated,
            RuleKind.XidApplication => XidApplication,
            RuleKind.Sxid => Sxid,
            RuleKind.NvlinkErrors => NvlinkErrors,
            RuleKind.NvlinkCrc => NvlinkCrc,
            RuleKind.NvlinkCrcStorm => NvlinkCrcStorm,
            RuleKind.Nvlink5Errors => Nvlink5Errors,
            RuleKind.NvlinkBandwidth => NvlinkBandwidth,
            RuleKind.PcieReplay => PcieReplay,
            RuleKind.PcieLink => PcieLink,
            RuleKind.PowerLimited => PowerLimited,
            RuleKind.RecoveryAction => RecoveryAction,
            RuleKind.GpuAbsent => GpuAbsent,
            RuleKind.GpuLost => GpuLost,
            RuleKind.HostAbsent => HostAbsent,
            RuleKind.ExporterDown => ExporterDown,
            RuleKind.TelemetryFrozen => TelemetryFrozen,
            RuleKind.FieldMissing => FieldMissing,
            RuleKind.Flapping => Flapping,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate() =>
        Absence
            .Validate()
            .Select(p => "absence." + p)
            .Concat(
                RuleCatalog.All.SelectMany(kind =>
                    Of(kind).Validate().Select(problem => $"{RuleCatalog.Id(kind).Replace('_', '-')}.{problem}")
                )
            );
}
