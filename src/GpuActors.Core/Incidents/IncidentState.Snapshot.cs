using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

// The state as data and back: what a fail-over goes on from.
public sealed partial class IncidentState
{
    /// <summary>The whole state.</summary>
    public IncidentSnapshot Save()
    {
        var resolved = _resolved.Distinct().Select(id => _alerts.GetValueOrDefault(id)).OfType<TrackedAlert>().Where(a => !a.IsOpen);
        var alerts = resolved
            .Concat(_alerts.Values.Where(a => a.IsOpen))
            .Select(a => new IncidentSnapshot.Alert(a.Alert, a.PagedSeq, a.JoinedMs, a.IncidentId));
        var incidents = _closed
            .Select(id => _incidents.GetValueOrDefault(id))
            .OfType<Incident>()
            .Concat(_open.Values.SelectMany(open => open));
        return new IncidentSnapshot(
            _nowMs,
            [.. alerts],
            [.. incidents.Select(i => new IncidentSnapshot.Group(i.ToRecord(int.MaxValue), i.LastJoinMs, i.PublishedSeq))]
        );
    }

    /// <summary>The state that <see cref="Save"/> gave.</summary>
    public static IncidentState Load(IncidentSettings settings, IncidentSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(snapshot);
        var state = new IncidentState(settings) { _nowMs = snapshot.NowMs };
        foreach (var saved in snapshot.Alerts)
        {
            var tracked = new TrackedAlert(saved.Transition, state.CauseOf(saved.Transition))
            {
                PagedSeq = saved.PagedSeq,
                JoinedMs = saved.JoinedMs,
                IncidentId = saved.IncidentId,
            };
            state._alerts[saved.Transition.AlertId] = tracked;
            state.Count(saved.Transition.AlertId, tracked.IsOpen ? 1 : 0, !tracked.IsOpen);
            if (tracked is { IsOpen: true, IncidentId: null })
            {
                Entry(state._alone, tracked.Cause).Add(tracked);
            }
        }

        foreach (var saved in snapshot.Incidents)
        {
            state.Restore(saved);
        }

        return state;
    }

    private void Restore(IncidentSnapshot.Group saved)
    {
        var record = saved.Record;
        var incident = new Incident(record.IncidentId, record.Cause, record.Scope, record.OpenedAtMs)
        {
            Seq = record.Seq,
            PublishedSeq = saved.PublishedSeq,
            UpdatedAtMs = record.UpdatedAtMs,
            LastJoinMs = saved.LastJoinMs,
            Severity = record.Severity,
            Pages = record.Pages,
            Total = record.MembersTotal,
            SupersededBy = record.SupersededBy,
        };
        _incidents[incident.Id] = incident;
        if (record.State == AlertState.Resolved)
        {
            incident.Final = record;
            _closed.Enqueue(incident.Id);
            return;
        }

        incident.Members.AddRange(record.Members.Select(member => _alerts.GetValueOrDefault(member.AlertId)).OfType<TrackedAlert>());
        incident.OpenMembers = incident.Members.Count(m => m.IsOpen);
        Entry(_open, incident.Cause).Add(incident);
    }
}
