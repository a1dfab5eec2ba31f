using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;

namespace GpuActors.Engine.Protocol;

/// <summary>Questions and commands to NOTIFY, and its answers.</summary>
internal static class NotifyProtocol
{
    /// <summary>Most alerts in one answer: about 600 bytes each, far below the largest message.</summary>
    public const int MostAlerts = 2000;

    /// <summary>Carries out a command. Answered by <see cref="Executed"/> once the change is published.</summary>
    public sealed record Execute(AlertControlCommand Command) : INotifyMessage;

    /// <summary>Answers <see cref="Execute"/>; no problem means that it was carried out.</summary>
    public sealed record Executed(string? Problem, bool IsMissing) : INotifyMessage;

    /// <summary>Asks for open alerts whose fields have these values. Answered by <see cref="OpenAlertList"/>.</summary>
    public sealed record GetOpenAlerts(IReadOnlyDictionary<string, string> Where, int Limit) : INotifyMessage;

    /// <summary>Asks which open alerts a silence would cover. Answered by <see cref="OpenAlertList"/>.</summary>
    public sealed record PreviewSilence(Silence Silence, int Limit) : INotifyMessage;

    /// <summary>The oldest of the alerts, and how many there are in all.</summary>
    public sealed record OpenAlertList(IReadOnlyList<OpenAlert> Alerts, int Total) : INotifyMessage;

    /// <summary>Asks for incidents, the newest first. Answered by <see cref="IncidentList"/>.</summary>
    public sealed record GetIncidents(bool OpenOnly, int Limit, int MembersEach) : INotifyMessage;

    /// <summary>Answers <see cref="GetIncidents"/>.</summary>
    public sealed record IncidentList(IReadOnlyList<IncidentRecord> Incidents) : INotifyMessage;

    /// <summary>Asks for one incident with all its members. Answered by <see cref="FoundIncident"/>.</summary>
    public sealed record GetIncident(string IncidentId) : INotifyMessage;

    /// <summary>Answers <see cref="GetIncident"/>; null when there is none.</summary>
    public sealed record FoundIncident(IncidentRecord? Incident) : INotifyMessage;

    /// <summary>Asks for acknowledgements and silences. Answered by <see cref="ControlList"/>.</summary>
    public sealed record GetControl : INotifyMessage
    {
        /// <summary>The one instance.</summary>
        public static GetControl Instance { get; } = new();
    }

    /// <summary>Answers <see cref="GetControl"/>.</summary>
    public sealed record ControlList(AlertControlSnapshot Control) : INotifyMessage;
}
