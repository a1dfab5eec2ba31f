using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>An alert as incidents see it.</summary>
internal sealed class TrackedAlert(AlertTransition transition, string cause)
{
    /// <summary>The newest transition.</summary>
    public AlertTransition Alert { get; set; } = transition;

    /// <summary>The cause, its label's value included.</summary>
    public string Cause { get; } = cause;

    /// <summary>The transition that paged; 0 for none.</summary>
    public int PagedSeq { get; set; }

    /// <summary>Log time of its newest firing transition, never going back.</summary>
    public long JoinedMs { get; set; }

    /// <summary>Its incident; null when it is alone.</summary>
    public string? IncidentId { get; set; }

    public bool IsOpen => Alert.State == AlertState.Firing;

    public int Pages => PagedSeq > 0 ? 1 : 0;
}
