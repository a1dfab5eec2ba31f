using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Notify;

/// <summary>An alert of an incident.</summary>
internal sealed class Member(AlertId alertId, GpuId gpu, string host, string rule)
{
    public AlertId AlertId => alertId;

    public GpuId Gpu => gpu;

    public string Host => host;

    public string Rule => rule;

    /// <summary>The newest transition; null once the alert has resolved.</summary>
    public AlertTransition? Alert { get; set; }

    public bool IsOpen => Alert is not null;

    public string Cause { get; set; } = "";

    public PageCover Cover { get; set; }

    public string? SilencedBy { get; set; }

    public string? AcknowledgedBy { get; set; }

    public bool IsSuppressed => SilencedBy is not null || AcknowledgedBy is not null;

    public long JoinedAtMs { get; set; }

    public bool AfterQuiet { get; set; }

    /// <summary>Whether it has ever been told, also when it was silenced or acknowledged later.</summary>
    public bool Told { get; set; }

    public IncidentMember ToRecord() => new(alertId, gpu, host, rule, IsOpen ? AlertState.Firing : AlertState.Resolved, Told);
}
