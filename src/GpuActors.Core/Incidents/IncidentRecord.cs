using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>
/// An incident as it is published to <c>gpu-incidents</c>: its whole state; of two records with one id the one with the higher
/// <see cref="Seq"/> holds.
/// </summary>
public sealed record IncidentRecord
{
    /// <summary>Deterministic function of cause, scope and the first alert.</summary>
    public required string IncidentId { get; init; }

    /// <summary>Changes so far, from 1. Not every one of them is published.</summary>
    public required int Seq { get; init; }

    /// <summary>Firing while a member is; resolved, too, when a wider incident took it in.</summary>
    public required AlertState State { get; init; }

    /// <summary>The cause (<c>power</c>, <c>xid:79</c>).</summary>
    public required string Cause { get; init; }

    /// <summary>What it is about.</summary>
    public required IncidentScope Scope { get; init; }

    /// <summary>The worst that a member has had.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Summary { get; init; }

    /// <summary>When its first alert opened, in sample time, Unix milliseconds.</summary>
    public required long OpenedAtMs { get; init; }

    /// <summary>Log time of its last change, Unix milliseconds.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>Its alerts, in the order in which they joined; of very many the open ones first.</summary>
    public required IReadOnlyList<IncidentMember> Members { get; init; }

    /// <summary>Alerts that ever joined, those that <see cref="Members"/> leaves out included.</summary>
    public required int MembersTotal { get; init; }

    /// <summary>Alerts of it that paged: at most one, where two alerts make an incident.</summary>
    public required int Pages { get; init; }

    /// <summary>The wider incident that its members went to; null when there is none.</summary>
    public string? SupersededBy { get; init; }
}
