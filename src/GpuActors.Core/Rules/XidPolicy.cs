using System.Collections.Frozen;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>
/// The consequences of XIDs, by code. They are configuration (<c>hocon/xid-policy.conf</c>), since vendors and fleets disagree about many
/// of them. The defaults follow NVIDIA's catalogue of immediate actions; application errors raise no alert.
/// </summary>
public sealed record XidPolicy
{
    /// <summary>For codes that are not listed. Default: a warning for support.</summary>
    public XidEntry Other { get; init; } = new(AlertSeverity.Warning, RecommendedAction.ContactSupport, "not in the policy");

    /// <summary>Consequences by code.</summary>
    public IReadOnlyDictionary<int, XidEntry> Codes { get; init; } = FrozenDictionary<int, XidEntry>.Empty;

    /// <summary>The defaults, equal to <c>hocon/xid-policy.conf</c>.</summary>
    public static XidPolicy Default { get; } = new() { Codes = Entries().ToFrozenDictionary(e => e.Code, e => e.Entry) };

    /// <summary>The consequence of a code.</summary>
    public XidEntry For(int code) => Codes.TryGetValue(code, out var entry) ? entry : Other;

    private static IEnumerable<(int Code, XidEntry Entry)> Entries()
    {
        (int, XidEntry) Critical(int code, string action, string summary) => (code, new(AlertSeverity.Critical, action, summary));
        (int, XidEntry) Warning(int code, string action, string summary) => (code, new(AlertSeverity.Warning, action, summary));
        // NVIDIA's catalogue says IGNORE.
        (int, XidEntry) Ignored(int code, string summary) => (code, new(AlertSeverity.Info, RecommendedAction.None, summary));
        (int, XidEntry) Nothing(int code, string action, string summary) => (code, new(null, action, summary));
        (int, XidEntry) Application(int code, string action, string summary) => (code, new(null, action, summary) { Application = true });
        return
        [
            Application(13, RecommendedAction.RestartApp, "graphics engine exception, an application error"),
            Application(31, RecommendedAction.RestartApp, "memory page fault, an application error"),
            Application(43, RecommendedAction.None, "GPU stopped processing, an application error"),
            Nothing(45, RecommendedAction.None, "preemptive cleanup after another error"),
            Ignored(37, "driver firmware error"),
            Ignored(38, "driver firmware error"),
            Ignored(44, "graphics engine fault during context switch"),
            Critical(46, RecommendedAction.ResetGpu, "GPU stopped processing"),
            Critical(48, RecommendedAction.ResetGpu, "double-bit ECC error"),
            Warning(54, RecommendedAction.CheckPower, "auxiliary power is not connected to the board"),
            Critical(62, RecommendedAction.ResetGpu, "internal microcontroller halt"),
            Warning(63, RecommendedAction.None, "row remapping or page retirement recorded"),
            Critical(64, RecommendedAction.ResetGpu, "row remapping or page retirement failed"),
            Ignored(66, "illegal access by the driver"),
            Ignored(67, "illegal access by the driver"),
            Critical(74, RecommendedAction.DrainAndInspect, "NVLink error"),
            Warning(78, RecommendedAction.ContactSupport, "vGPU start error: software or firmware must be updated"),
            Critical(79, RecommendedAction.RebootNode, "GPU has fallen off the bus"),
            Warning(92, RecommendedAction.None, "high rate of single-bit ECC errors"),
            Ignored(93, "error in the InfoROM that needs no action"),
            Warning(94, RecommendedAction.RestartApp, "contained ECC error"),
            Critical(95, RecommendedAction.ResetGpu, "uncontained ECC error"),
            Ignored(106, "SMBPBI test message"),
            Ignored(107, "SMBPBI test message"),
            Critical(109, RecommendedAction.ResetGpu, "context switch time-out"),
            Critical(110, RecommendedAction.ResetGpu, "security fault"),
            Critical(119, RecommendedAction.ResetGpu, "GSP RPC time-out"),
            Critical(120, RecommendedAction.ResetGpu, "GSP error"),
            Warning(121, RecommendedAction.None, "C2C link corrected error"),
            Critical(136, RecommendedAction.ResetGpu, "link training failed"),
            Warning(137, RecommendedAction.None, "NVLink privilege error"),
            Critical(140, RecommendedAction.ResetGpu, "unrecovered ECC error"),
            Ignored(141, "message without a need for action"),
            Critical(143, RecommendedAction.ResetGpu, "GPU initialisation error"),
            Nothing(154, RecommendedAction.None, "recovery action changed, about another XID"),
            Warning(144, RecommendedAction.DrainAndInspect, "NVLink 5 SAW error"),
            Warning(145, RecommendedAction.DrainAndInspect, "NVLink 5 RLW error"),
            Warning(146, RecommendedAction.DrainAndInspect, "NVLink 5 TLW error"),
            Warning(147, RecommendedAction.DrainAndInspect, "NVLink 5 TREX error"),
            Warning(148, RecommendedAction.DrainAndInspect, "NVLink 5 NVLPW control error"),
            Warning(149, RecommendedAction.DrainAndInspect, "NVLink 5 NETIR error"),
            Warning(150, RecommendedAction.DrainAndInspect, "NVLink 5 MSE error"),
            Warning(151, RecommendedAction.RebootNode, "key rotation error: the virtual machine must be restarted"),
            Ignored(152, "message without a need for action"),
            Ignored(153, "message without a need for action"),
            Critical(155, RecommendedAction.ResetGpu, "NVLink software-defined error"),
            Critical(156, RecommendedAction.ResetGpu, "resource retirement event"),
            Ignored(157, "message without a need for action"),
            Critical(158, RecommendedAction.ResetGpu, "GPU fatal time-out"),
            Ignored(160, "message without a need for action"),
            Ignored(161, "message without a need for action"),
            (162, new(null, RecommendedAction.None, "power smoothing is in force again") { Ends = 163 }),
            Warning(163, RecommendedAction.RebootNode, "power smoothing is out of force"),
            Nothing(171, RecommendedAction.None, "companion of 48: the error is in DRAM"),
            Nothing(172, RecommendedAction.None, "companion of 48: the error is in SRAM"),
        ];
    }
}
