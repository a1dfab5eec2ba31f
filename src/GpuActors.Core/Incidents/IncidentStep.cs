using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>What one transition of an alert means for incidents: the decision, and the fact that is kept.</summary>
public sealed record IncidentStep
{
    /// <summary>The transition.</summary>
    public required AlertTransition Alert { get; init; }

    /// <summary>Whether somebody is to be paged for it.</summary>
    public required bool Page { get; init; }

    /// <summary>Its incident; null when it is alone.</summary>
    public string? IncidentId { get; init; }

    /// <summary>The incident that it made; null when it made none.</summary>
    public IncidentOpening? Opened { get; init; }

    /// <summary>Whether it changes anything: false for a replay, and for an alert beyond the bound.</summary>
    public bool Changes { get; init; } = true;
}
