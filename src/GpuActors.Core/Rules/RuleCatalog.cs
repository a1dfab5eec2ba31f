using System.Collections.Frozen;
using System.Collections.Immutable;
using static System.TimeSpan;
using static GpuActors.Core.Alerts.AlertSeverity;
using static GpuActors.Core.Rules.RecommendedAction;

namespace GpuActors.Core.Rules;

/// <summary>
/// The one table of rules. A new rule is one entry here, its evaluation in the family that it belongs to (<c>Gpus</c>), and its section in
/// <c>hocon/rules.conf</c>, which explains the defaults and names their sources; everything else derives from the entry.
/// </summary>
public static class RuleCatalog
{
    // Static fields are initialised in the order of the text: the list comes before the entries, what is made of it after them.
    private static readonly List<Rule> Defined = [];

    // A table with an entry per rule, laid out by hand.
    // csharpier-ignore-start
    /// <summary>NVML bit 0x40: the hardware slows the clocks because it is too hot.</summary>
    public static readonly Rule<AlertRuleSettings> HwThermal = Define(
        "hw_thermal", "Hardware thermal slowdown (0x40)",
        new AlertRuleSettings { Required = 3, Of = 3, Action = CheckCooling });

    /// <summary>NVML bit 0x80: the power supply asserts its brake, usually on a whole rack at once.</summary>
    public static readonly Rule<AlertRuleSettings> PowerBrake = Define(
        "power_brake", "Power brake slowdown (0x80)",
        new AlertRuleSettings { Required = 3, Of = 3, Action = CheckPower });

    /// <summary>NVML bit 0x8 without 0x40 or 0x80, sustained: it flickers at P-state changes.</summary>
    public static readonly Rule<AlertRuleSettings> HwSlowdown = Define(
        "hw_slowdown", "Hardware slowdown without a named cause (0x8)",
        new AlertRuleSettings { Severity = Warning, Required = 3, Of = 3, Hold = FromSeconds(30), Action = DrainAndInspect });

    /// <summary>NVML bit 0x20: the driver slows the clocks because it is too hot, for a large part of the time.</summary>
    public static readonly Rule<DutyRuleSettings> SwThermal = Define(
        "sw_thermal", "Software thermal slowdown (0x20)",
        new DutyRuleSettings { Severity = Warning, ClearDelay = FromMinutes(1), Action = CheckCooling });

    /// <summary>NVML bit 0x4 for nearly all of the time: the GPU draws all the power it may, which is normal under load.</summary>
    public static readonly Rule<DutyRuleSettings> PowerCap = Define(
        "power_cap", "Software power cap (0x4)",
        new DutyRuleSettings { Severity = Info, MinDuty = 0.9, ClearDelay = FromMinutes(5) });

    /// <summary>The GPU is at the temperature at which its hardware slows down.</summary>
    public static readonly Rule<AlertRuleSettings> GpuTempCritical = Define(
        "gpu_temp_critical", "GPU temperature at the slowdown limit",
        new AlertRuleSettings { Required = 3, Of = 3, ClearDelay = FromMinutes(1), Action = CheckCooling });

    /// <summary>The GPU is above its highest operating temperature.</summary>
    public static readonly Rule<AlertRuleSettings> GpuTempHigh = Define(
        "gpu_temp_high", "GPU temperature above its operating limit",
        new AlertRuleSettings
        {
            Severity = Warning, Required = 3, Of = 3, Hold = FromSeconds(30), ClearDelay = FromMinutes(1), Action = CheckCooling,
        });

    /// <summary>The memory is above its highest operating temperature.</summary>
    public static readonly Rule<AlertRuleSettings> MemoryTempHigh = Define(
        "memory_temp_high", "Memory temperature above its operating limit",
        new AlertRuleSettings
        {
            Severity = Warning, Required = 3, Of = 3, Hold = FromSeconds(30), ClearDelay = FromMinutes(1), Action = CheckCooling,
        });

    /// <summary>The temperature rises from day to day.</summary>
    public static readonly Rule<TemperatureTrendRuleSettings> TempTrend = Define(
        "temp_trend", "Temperature rises from day to day",
        new TemperatureTrendRuleSettings { Severity = Info, ClearDelay = FromHours(6), Action = CheckCooling });

    /// <summary>The GPU gets hotter than before at the same power.</summary>
    public static readonly Rule<ThermalResistanceRuleSettings> ThermalResistance = Define(
        "thermal_resistance", "Hotter than before at the same power",
        new ThermalResistanceRuleSettings { Severity = Warning, ClearDelay = FromHours(6), Action = CheckCooling });

    /// <summary>A new double-bit error. Open until the driver is reloaded.</summary>
    public static readonly Rule<AlertRuleSettings> EccDbe = Define(
        "ecc_dbe", "Double-bit ECC error",
        new AlertRuleSettings { ClearDelay = TimeSpan.Zero, Action = ResetGpu });

    /// <summary>Many new single-bit errors, not fewer in the later half of the hour than in the earlier.</summary>
    public static readonly Rule<EccSbeRuleSettings> EccSbeRate = Define(
        "ecc_sbe_rate", "Single-bit ECC errors",
        new EccSbeRuleSettings { Severity = Warning, ClearDelay = FromMinutes(5), Action = DrainAndInspect });

    /// <summary>Too many retired pages, or new pages retired on a GPU that has many.</summary>
    public static readonly Rule<RetiredPagesRuleSettings> RetiredPages = Define(
        "retired_pages", "Too many retired pages",
        new RetiredPagesRuleSettings { ClearDelay = FromMinutes(1), Action = ContactSupport });

    /// <summary>Pages are to be retired at the next GPU reset.</summary>
    public static readonly Rule<AlertRuleSettings> RetirementPending = Define(
        "retirement_pending", "Pages wait for retirement",
        new AlertRuleSettings { Severity = Warning, Required = 3, Of = 3, Action = ResetGpu });

    /// <summary>A row is to be remapped at the next GPU reset.</summary>
    public static readonly Rule<AlertRuleSettings> RowRemapPending = Define(
        "row_remap_pending", "Row remapping waits for a reset",
        new AlertRuleSettings { Severity = Warning, Required = 3, Of = 3, Action = ResetGpu });

    /// <summary>A row could not be remapped: the board has to be replaced.</summary>
    public static readonly Rule<AlertRuleSettings> RowRemapFailure = Define(
        "row_remap_failure", "Row remapping failed",
        new AlertRuleSettings { Required = 3, Of = 3, Action = ContactSupport });

    /// <summary>Too many rows were remapped for uncorrectable errors.</summary>
    public static readonly Rule<RemappedRowsRuleSettings> RowRemapLimit = Define(
        "row_remap_limit", "Too many remapped rows",
        new RemappedRowsRuleSettings { Required = 3, Of = 3, Action = ContactSupport });

    /// <summary>A bank has passed the limit of uncorrectable SRAM errors (field 346).</summary>
    public static readonly Rule<AlertRuleSettings> SramThreshold = Define(
        "sram_threshold", "SRAM error threshold exceeded",
        new AlertRuleSettings { Required = 3, Of = 3, Action = ContactSupport });

    /// <summary>The memory can no longer be repaired (field 1507).</summary>
    public static readonly Rule<AlertRuleSettings> MemoryUnrepairable = Define(
        "memory_unrepairable", "Memory is unrepairable",
        new AlertRuleSettings { Required = 3, Of = 3, Action = ContactSupport });

    /// <summary>An XID error. Severity, action and whether the alert stays open come from the XID policy, per code.</summary>
    public static readonly Rule<XidRuleSettings> Xid = Define("xid", "XID error", RuleInput.ErrorCodes, new XidRuleSettings());

    /// <summary>A hardware XID recurs on one GPU.</summary>
    public static readonly Rule<XidRepeatRuleSettings> XidRepeated = Define(
        "xid_repeated", "XID comes again and again", RuleInput.ErrorCodes,
        new XidRepeatRuleSettings { ClearDelay = FromMinutes(1), Action = ContactSupport });

    /// <summary>An application XID recurs on one GPU: the cause may be the GPU and not the application.</summary>
    public static readonly Rule<XidRepeatRuleSettings> XidApplication = Define(
        "xid_application", "Application XID on one GPU only", RuleInput.ErrorCodes,
        new XidRepeatRuleSettings { Severity = Info, Bursts = 3, ClearDelay = FromMinutes(1), Action = DrainAndInspect });

    /// <summary>The kernel log reports an NVSwitch error.</summary>
    public static readonly Rule<AlertRuleSettings> Sxid = Define(
        "sxid", "NVSwitch error", RuleInput.ErrorCodes,
        new AlertRuleSettings { Severity = Warning, ClearDelay = FromHours(1), Action = DrainAndInspect });

    /// <summary>NVLink replays or recoveries.</summary>
    public static readonly Rule<CounterRateRuleSettings> NvlinkErrors = Define(
        "nvlink_errors", "NVLink replay or recovery",
        new CounterRateRuleSettings { ClearDelay = FromMinutes(10), BootGrace = FromMinutes(10), Action = DrainAndInspect });

    /// <summary>NVLink CRC errors.</summary>
    public static readonly Rule<CounterRateRuleSettings> NvlinkCrc = Define(
        "nvlink_crc", "NVLink CRC errors",
        new CounterRateRuleSettings
        {
            Severity = Warning, ClearDelay = FromMinutes(10), BootGrace = FromMinutes(10), Action = DrainAndInspect,
        });

    /// <summary>NVLink CRC errors at a high rate.</summary>
    public static readonly Rule<CounterRateRuleSettings> NvlinkCrcStorm = Define(
        "nvlink_crc_storm", "NVLink CRC error storm",
        new CounterRateRuleSettings
        {
            MaxPerSecond = 100, ClearDelay = FromMinutes(10), BootGrace = FromMinutes(10), Action = DrainAndInspect,
        });

    /// <summary>Errors of NVLink 5 (Blackwell).</summary>
    public static readonly Rule<CounterRateRuleSettings> Nvlink5Errors = Define(
        "nvlink5_errors", "NVLink 5 errors",
        new CounterRateRuleSettings { ClearDelay = FromMinutes(10), BootGrace = FromMinutes(10), Action = DrainAndInspect });

    /// <summary>The GPU moves far less data over NVLink than the other GPUs of its host.</summary>
    public static readonly Rule<NvlinkBandwidthRuleSettings> NvlinkBandwidth = Define(
        "nvlink_bandwidth", "NVLink traffic far below the neighbours'", RuleInput.Neighbours,
        new NvlinkBandwidthRuleSettings
        {
            Severity = Warning, Required = 5, Of = 5, ClearDelay = FromMinutes(5), BootGrace = FromMinutes(10), Action = DrainAndInspect,
        });

    /// <summary>More PCIe replays per minute than the generation and width of the link allow.</summary>
    public static readonly Rule<PcieReplayRuleSettings> PcieReplay = Define(
        "pcie_replay", "PCIe replays",
        new PcieReplayRuleSettings
        {
            Severity = Warning, ClearDelay = FromMinutes(5), BootGrace = FromMinutes(5), Action = DrainAndInspect,
        });

    /// <summary>The PCIe link runs below its best generation or width under load.</summary>
    public static readonly Rule<PcieLinkRuleSettings> PcieLink = Define(
        "pcie_link", "PCIe link below its best",
        new PcieLinkRuleSettings
        {
            Severity = Warning, Required = 3, Of = 3, Hold = FromMinutes(5), ClearDelay = FromMinutes(5),
            BootGrace = FromMinutes(5), Action = DrainAndInspect,
        });

    /// <summary>The GPU is at its power limit and its clocks fall.</summary>
    public static readonly Rule<PowerLimitRuleSettings> PowerLimited = Define(
        "power_limited", "At the power limit with falling clocks",
        new PowerLimitRuleSettings { Severity = Warning, ClearDelay = FromMinutes(5), Action = CheckPower });

    /// <summary>The driver requests a recovery action (field 1523); the alert recommends that action.</summary>
    public static readonly Rule<AlertRuleSettings> RecoveryAction = Define(
        "recovery_action", "The driver asks for a recovery action",
        new AlertRuleSettings { Required = 3, Of = 3 });

    /// <summary>The GPU is absent, and nothing is known of its host.</summary>
    public static readonly Rule<AlertRuleSettings> GpuAbsent = Define(
        "gpu_absent", "GPU absent", RuleInput.Absence,
        new AlertRuleSettings { ClearDelay = TimeSpan.Zero, Action = DrainAndInspect });

    /// <summary>The GPU is absent while other GPUs of its host report: it may have fallen off the bus.</summary>
    public static readonly Rule<AlertRuleSettings> GpuLost = Define(
        "gpu_lost", "GPU lost", RuleInput.Absence,
        new AlertRuleSettings { ClearDelay = TimeSpan.Zero, Action = DrainAndInspect });

    /// <summary>All GPUs of the host are absent for longer than a reboot takes.</summary>
    public static readonly Rule<AlertRuleSettings> HostAbsent = Define(
        "host_absent", "Host absent", RuleInput.Absence,
        new AlertRuleSettings { Hold = FromMinutes(5), ClearDelay = TimeSpan.Zero, Action = DrainAndInspect });

    /// <summary>An exporter can't be scraped while its host answers. The alert is that of the exporter, not of its GPUs.</summary>
    public static readonly Rule<ExporterDownRuleSettings> ExporterDown = Define(
        "exporter_down", "Exporter down", RuleInput.Exporters,
        new ExporterDownRuleSettings { Severity = Warning, ClearDelay = TimeSpan.Zero, Action = None });

    /// <summary>The energy counter stands still while samples come: the driver hangs.</summary>
    public static readonly Rule<AlertRuleSettings> TelemetryFrozen = Define(
        "telemetry_frozen", "Telemetry frozen",
        new AlertRuleSettings
        {
            Required = 3, Of = 3, Hold = FromSeconds(90), ClearDelay = FromSeconds(30), BootGrace = FromMinutes(2), Action = RebootNode,
        });

    /// <summary>The exporter does not publish a metric that alerts need.</summary>
    public static readonly Rule<AlertRuleSettings> FieldMissing = Define(
        "field_missing", "Required field missing",
        new AlertRuleSettings { Severity = Warning, Hold = FromMinutes(10), ClearDelay = FromMinutes(1), BootGrace = FromMinutes(10) });

    /// <summary>A model predicts that the GPU fails soon; the alert recommends an action by how soon.</summary>
    public static readonly Rule<PredictedFailureRuleSettings> PredictedFailure = Define(
        "predicted_failure", "Failure predicted", RuleInput.Predictions,
        new PredictedFailureRuleSettings { Severity = Warning, Required = 2, Of = 3, ClearDelay = FromMinutes(30), Action = Watch });

    /// <summary>An alert opens and resolves repeatedly.</summary>
    public static readonly Rule<FlapSettings> Flapping = Define(
        "flapping", "Alert is flapping", RuleInput.Alerts,
        new FlapSettings { Severity = Warning });
    // csharpier-ignore-end

    private static readonly FrozenDictionary<string, Rule> ById = Defined.ToFrozenDictionary(rule => rule.Id, StringComparer.Ordinal);

    /// <summary>All rules; the position of each one is its <see cref="Rule.Index"/>.</summary>
    public static ImmutableArray<Rule> All { get; } = [.. Defined];

    /// <summary>The rules whose alerts say that no samples of a GPU come. At most one of them is open at a time.</summary>
    public static ImmutableArray<Rule> Absence { get; } = [.. Defined.Where(rule => rule.Input == RuleInput.Absence)];

    /// <summary>Number of rules.</summary>
    public static int Count => All.Length;

    /// <summary>The rule with an id; null when this build has none, as for an id from another build.</summary>
    public static Rule? Find(string id) => ById.GetValueOrDefault(id);

    // The anchor in the runbook follows from the id.
    private static Rule<TSettings> Define<TSettings>(string id, string title, TSettings defaults)
        where TSettings : AlertRuleSettings => Define(id, title, RuleInput.Samples, defaults);

    private static Rule<TSettings> Define<TSettings>(string id, string title, RuleInput input, TSettings defaults)
        where TSettings : AlertRuleSettings
    {
        AlertRuleSettings general = defaults;
        var settings = (TSettings)(general with { Runbook = "#" + id.Replace('_', '-') });
        var rule = new Rule<TSettings>(id, title, input, Defined.Count, settings);
        Defined.Add(rule);
        return rule;
    }
}
