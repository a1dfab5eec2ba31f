using System.Globalization;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>The mutable state of one incident.</summary>
internal sealed class Incident(string id, string cause, IncidentScope scope, long openedAtMs)
{
    public string Id => id;

    public string Cause => cause;

    public IncidentScope Scope => scope;

    public long OpenedAtMs => openedAtMs;

    public int Seq { get; set; }

    /// <summary>Number of the newest record that the broker has acknowledged; a restart publishes what is newer.</summary>
    public int PublishedSeq { get; set; }

    public long UpdatedAtMs { get; set; }

    /// <summary>Log time at which the last alert joined.</summary>
    public long LastJoinMs { get; set; }

    public AlertSeverity Severity { get; set; }

    public int Pages { get; set; }

    public int Total { get; set; }

    public string? SupersededBy { get; set; }

    public List<TrackedAlert> Members { get; } = [];

    public int OpenMembers { get; set; }

    /// <summary>The last record of a closed incident; null while it is open.</summary>
    public IncidentRecord? Final { get; set; }

    public bool IsOpen => Final is null && SupersededBy is null && OpenMembers > 0;

    public IncidentRecord ToRecord(int maxListed)
    {
        if (Final is not null)
        {
            return Final;
        }

        var listed = Members.Count <= maxListed ? Members : [.. Members.OrderBy(m => !m.IsOpen).Take(maxListed)];
        var hosts = Members.Select(m => m.Alert.Labels.Host).Distinct(StringComparer.Ordinal).Count();
        var rules = string.Join(", ", Members.Select(m => m.Alert.Rule).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var noun = hosts == 1 ? "host" : "hosts";
        return new IncidentRecord
        {
            IncidentId = id,
            Seq = Seq,
            State = IsOpen ? AlertState.Firing : AlertState.Resolved,
            Cause = cause,
            Scope = scope,
            Severity = Severity,
            Summary = string.Create(
                CultureInfo.InvariantCulture,
                $"{cause} on {scope.Kind} {scope.Name}: {Total} alerts ({rules}) on {hosts} {noun}, {OpenMembers} open"
            ),
            OpenedAtMs = openedAtMs,
            UpdatedAtMs = UpdatedAtMs,
            Members =
            [
                .. listed.Select(m => new IncidentMember(m.Alert.AlertId, m.Alert.Gpu, m.Alert.Labels.Host, m.Alert.Rule, m.Alert.State)),
            ],
            MembersTotal = Total,
            Pages = Pages,
            SupersededBy = SupersededBy,
        };
    }
}
