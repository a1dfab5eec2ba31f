using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;

namespace GpuActors.Core.Notify;

// What a successor reads: incidents first, then open alerts, acknowledgements and silences, in any order among themselves.
public sealed partial class NotifyState
{
    /// <summary>Takes over an incident as it was published.</summary>
    public void Restore(IncidentRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var incident = new Incident(record.IncidentId, record.Cause, record.Place, record.OpenedAtMs)
        {
            Seq = record.Seq,
            UpdatedAtMs = record.UpdatedAtMs,
            ClosedAtMs = record.ClosedAtMs,
            LastJoinMs = record.LastJoinAtMs,
            Severity = record.Severity,
            Pages = record.Pages,
            LastPageMs = record.LastPageAtMs,
            PagedSeverity = record.PagedSeverity,
        };
        incident.PagedCauses.UnionWith(record.PagedCauses);
        incident.Reopens.AddRange(record.ReopenedAtMs);
        foreach (var listed in record.Members)
        {
            var member = new Member(listed.AlertId, listed.Gpu, listed.Host, listed.Rule) { Told = listed.Told };
            if (listed.Told)
            {
                incident.ToldGpus.Add(listed.Gpu);
                incident.ToldHosts.Add(listed.Host);
            }

            if (listed.State == AlertState.Resolved)
            {
                _ = _resolved.Add(listed.AlertId);
                _resolvedOrder.Enqueue(listed.AlertId);
                incident.Add(member, incidents.MaxListedMembers);
            }
        }

        incident.Total = record.MembersTotal;
        _incidents[incident.Id] = incident;
        // Of several at one place all but the newest have closed.
        var place = (incident.Cause, incident.Place);
        if (!_atPlace.TryGetValue(place, out var other) || (other.ClosedAtMs ?? long.MaxValue) < (incident.ClosedAtMs ?? long.MaxValue))
        {
            _atPlace[place] = incident;
        }

        _dirty.Add(incident);
    }

    /// <summary>Takes over an open alert as it was published, after its incident.</summary>
    public void Restore(NotifiedAlert record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!_incidents.TryGetValue(record.IncidentId, out var incident))
        {
            // Its incident was not published with it, which no transaction does: it is taken in like a new alert.
            Open(record.Alert);
            return;
        }

        var member = new Member(record.Alert.AlertId, record.Alert.Gpu, record.Alert.Labels.Host, record.Alert.Rule)
        {
            Alert = record.Alert,
            Cause = record.Cause,
            Cover = record.Cover,
            SilencedBy = record.SilencedBy,
            AcknowledgedBy = record.AcknowledgedBy,
            JoinedAtMs = record.JoinedAtMs,
            AfterQuiet = record.AfterQuiet,
            Told = record.Cover == PageCover.Told || incident.ToldGpus.Contains(record.Alert.Gpu),
        };
        if (member.Cover == PageCover.Told)
        {
            incident.Remember(member);
        }

        var total = incident.Total;
        Attach(member, incident);
        incident.Total = total;
    }

    /// <summary>Takes over an acknowledgement.</summary>
    public void Restore(Acknowledgement acknowledgement) => _control.Restore(acknowledgement);

    /// <summary>Takes over a silence.</summary>
    public void Restore(Silence silence) => _control.Restore(silence);
}
