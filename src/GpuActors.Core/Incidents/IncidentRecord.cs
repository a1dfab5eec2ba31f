using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>
/// An incident as it is published to <c>gpu-incidents</c>: its whole state; of two records with one id the one with the higher
/// <see cref="Seq"/> holds.
/// </summary>
public sealed record IncidentRecord
{
    /// <summary>Deterministic function of cause, place and first alert (<see cref="IncidentIds.Of"/>).</summary>
    public required string IncidentId { get; init; }

    /// <summary>Published states so far, from 1.</summary>
    public required int Seq { get; init; }

    /// <summary>Firing while one of its alerts is open.</summary>
    public required AlertState State { get; init; }

    /// <summary>The cause of the alert that opened it (<c>power</c>).</summary>
    public required string Cause { get; init; }

    /// <summary>The widest place of the cause: alerts with this cause and place join it.</summary>
    public required IncidentScope Place { get; init; }

    /// <summary>The narrowest place that covers its alerts.</summary>
    public required IncidentScope Scope { get; init; }

    /// <summary>The highest severity that one of its alerts has had.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Summary { get; init; }

    /// <summary>When its first alert opened, in sample time, Unix milliseconds.</summary>
    public required long OpenedAtMs { get; init; }

    /// <summary>When it last changed, Unix milliseconds.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>When it closed, Unix milliseconds; null while it is open.</summary>
    public long? ClosedAtMs { get; init; }

    /// <summary>When the newest alert joined, Unix milliseconds.</summary>
    public required long LastJoinAtMs { get; init; }

    /// <summary>Its alerts, in the order in which they joined; of very many the open ones first.</summary>
    public required IReadOnlyList<IncidentMember> Members { get; init; }

    /// <summary>Alerts that ever joined, those that <see cref="Members"/> leaves out included.</summary>
    public required int MembersTotal { get; init; }

    /// <summary>Pages so far, those that wake nobody included: the ordinal of the last page.</summary>
    public required int Pages { get; init; }

    /// <summary>When it last paged since it opened, Unix milliseconds; null when it has not.</summary>
    public long? LastPageAtMs { get; init; }

    /// <summary>The highest severity that it has paged for; null before its first page.</summary>
    public AlertSeverity? PagedSeverity { get; init; }

    /// <summary>The causes that it has paged for.</summary>
    public IReadOnlyList<string> PagedCauses { get; init; } = [];

    /// <summary>When it opened again within the last day, Unix milliseconds.</summary>
    public IReadOnlyList<long> ReopenedAtMs { get; init; } = [];
}
