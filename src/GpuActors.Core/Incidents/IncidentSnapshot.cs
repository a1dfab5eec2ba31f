using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>The whole of <see cref="IncidentState"/> as data.</summary>
/// <param name="NowMs">Log time, Unix milliseconds.</param>
/// <param name="Alerts">All alerts, in the order in which they would be forgotten.</param>
/// <param name="Incidents">All incidents, in the order in which they would be forgotten.</param>
public sealed record IncidentSnapshot(
    long NowMs,
    IReadOnlyList<IncidentSnapshot.Alert> Alerts,
    IReadOnlyList<IncidentSnapshot.Group> Incidents
)
{
    /// <summary>An alert.</summary>
    /// <param name="Transition">Its newest transition.</param>
    /// <param name="PagedSeq">The transition that paged; 0 for none.</param>
    /// <param name="JoinedMs">Log time of its newest firing transition.</param>
    /// <param name="IncidentId">Its incident; null when it is alone.</param>
    public sealed record Alert(AlertTransition Transition, int PagedSeq, long JoinedMs, string? IncidentId);

    /// <summary>An incident.</summary>
    /// <param name="Record">What was or would be published, with all members.</param>
    /// <param name="LastJoinMs">Log time at which the last alert joined.</param>
    /// <param name="PublishedSeq">The newest record that a broker has.</param>
    public sealed record Group(IncidentRecord Record, long LastJoinMs, int PublishedSeq);
}
