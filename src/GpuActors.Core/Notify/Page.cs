using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Notify;

/// <summary>
/// One notification of one incident, as it is published to <c>gpu-pages</c>: what a paging system sends to a person. An incident has as
/// many as it needs, numbered from 1.
/// </summary>
public sealed record Page
{
    /// <summary>Deterministic function of incident, reason and ordinal (<see cref="IdOf"/>).</summary>
    public required string PageId { get; init; }

    /// <summary>The incident.</summary>
    public required string IncidentId { get; init; }

    /// <summary>Number of the page within its incident, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Why it is sent.</summary>
    public required PageReason Reason { get; init; }

    /// <summary>Whether it is to wake somebody: false only for <see cref="PageReason.Resolved"/>.</summary>
    public bool Wakes => Reason != PageReason.Resolved;

    /// <summary>The highest severity among the alerts that page; of a resolved incident that of its last page.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>The cause.</summary>
    public required string Cause { get; init; }

    /// <summary>The narrowest place that covers the incident's alerts.</summary>
    public required IncidentScope Scope { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Summary { get; init; }

    /// <summary>Recommended action of the most severe alert; empty when there is none.</summary>
    public required string Action { get; init; }

    /// <summary>Anchor in the runbook; empty when there is none.</summary>
    public required string Runbook { get; init; }

    /// <summary>When the incident opened, in sample time, Unix milliseconds.</summary>
    public required long OpenedAtMs { get; init; }

    /// <summary>When the page was decided, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>The alerts that the page is about, the most severe and oldest first; at most <see cref="MostAlerts"/>.</summary>
    public required IReadOnlyList<PagedAlert> Alerts { get; init; }

    /// <summary>How many there are, those that <see cref="Alerts"/> leaves out included.</summary>
    public required int AlertsTotal { get; init; }

    /// <summary>Most alerts that a page lists.</summary>
    public const int MostAlerts = 50;

    /// <summary>The id of a page: 32 hexadecimal digits, the first half of a SHA-256.</summary>
    public static string IdOf(string incidentId, PageReason reason, int ordinal)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{incidentId}|{reason}|{ordinal}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}

/// <summary>An alert of a page.</summary>
/// <param name="AlertId">Its id.</param>
/// <param name="Gpu">The GPU's UUID.</param>
/// <param name="Host">The host; empty when it is not known.</param>
/// <param name="Rule">Id of the rule.</param>
/// <param name="Severity">Its severity.</param>
/// <param name="Summary">One sentence for a person.</param>
public sealed record PagedAlert(AlertId AlertId, GpuId Gpu, string Host, string Rule, AlertSeverity Severity, string Summary);
