using GpuActors.Core.Alerts;

namespace GpuActors.Core.Notify;

/// <summary>An open alert as <c>gpu-alerts-open</c> holds it: its newest transition and what was decided about it.</summary>
/// <param name="Alert">The newest transition, which is firing.</param>
/// <param name="IncidentId">Its incident.</param>
/// <param name="Cause">Its cause, which may differ from that of the incident.</param>
/// <param name="Cover">How it has been told.</param>
/// <param name="SilencedBy">Id of the silence or maintenance that covers it; null for none.</param>
/// <param name="AcknowledgedBy">Who has acknowledged it; null for nobody.</param>
/// <param name="JoinedAtMs">When it joined the incident, Unix milliseconds.</param>
/// <param name="AfterQuiet">Whether no other alert had joined the incident within the window before.</param>
public sealed record NotifiedAlert(
    AlertTransition Alert,
    string IncidentId,
    string Cause,
    PageCover Cover,
    string? SilencedBy,
    string? AcknowledgedBy,
    long JoinedAtMs,
    bool AfterQuiet
);
