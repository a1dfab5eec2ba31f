using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

// How facts change alerts and incidents, and what is forgotten.
public sealed partial class IncidentState
{
    private void Open(IncidentOpening opening, TrackedAlert cause, List<string> changed)
    {
        var narrower = opening.Supersedes.Select(id => _incidents.GetValueOrDefault(id)).OfType<Incident>().ToList();
        var alone = opening.AlertIds.Select(id => _alerts.GetValueOrDefault(id)).OfType<TrackedAlert>().ToList();
        var members = narrower
            .SelectMany(n => n.Members)
            .Concat(alone)
            .OrderBy(m => m.JoinedMs)
            .ThenBy(m => m.Alert.AlertId.Value, StringComparer.Ordinal)
            .ToList();
        var incident = new Incident(opening.IncidentId, opening.Cause, opening.Scope, members.Append(cause).Min(m => m.Alert.OpenedAtMs))
        {
            Pages = narrower.Sum(n => n.Pages) + alone.Sum(a => a.Pages),
            Total = narrower.Sum(n => n.Total) + alone.Count,
            OpenMembers = members.Count(m => m.IsOpen),
            Severity = members.Append(cause).Max(m => m.Alert.Severity),
        };
        incident.Members.AddRange(members);
        members.ForEach(m => m.IncidentId = incident.Id);
        _incidents[incident.Id] = incident;
        Entry(_open, opening.Cause).Add(incident);
        foreach (var old in narrower)
        {
            old.SupersededBy = incident.Id;
            old.Seq++;
            old.UpdatedAtMs = _nowMs;
            incident.Severity = (AlertSeverity)Math.Max((byte)incident.Severity, (byte)old.Severity);
            Close(old);
            changed.Add(old.Id);
        }

        _alone.GetValueOrDefault(opening.Cause)?.RemoveAll(a => a.IncidentId is not null);
    }

    private void Take(Incident incident, TrackedAlert tracked, IncidentStep step)
    {
        if (tracked.IncidentId != incident.Id)
        {
            tracked.IncidentId = incident.Id;
            incident.Members.Add(tracked);
            incident.Total++;
            incident.Pages += tracked.Pages;
            incident.OpenMembers += tracked.IsOpen ? 1 : 0;
            if (incident.Members.Count > settings.MaxListedMembers && incident.Members.FindIndex(m => !m.IsOpen) is >= 0 and var over)
            {
                // An alert that comes and goes for days must not fill the record.
                incident.Members.RemoveAt(over);
            }
        }
        else
        {
            incident.Pages += step.Page ? 1 : 0;
        }

        incident.Seq++;
        incident.UpdatedAtMs = _nowMs;
        incident.Severity = (AlertSeverity)Math.Max((byte)incident.Severity, (byte)tracked.Alert.Severity);
        if (tracked.IsOpen)
        {
            incident.LastJoinMs = _nowMs;
        }
        else if (incident is { OpenMembers: 0, SupersededBy: null })
        {
            Close(incident);
        }
    }

    private void AddAlone(TrackedAlert tracked)
    {
        var alone = Entry(_alone, tracked.Cause);
        var since = _nowMs - (long)settings.Window.TotalMilliseconds;
        alone.RemoveAll(a => !a.IsOpen || a.JoinedMs < since || a == tracked);
        alone.Add(tracked);
    }

    private void Close(Incident incident)
    {
        if (_open.TryGetValue(incident.Cause, out var open) && open.Remove(incident) && open.Count == 0)
        {
            _open.Remove(incident.Cause);
        }

        incident.Final = incident.ToRecord(settings.MaxListedMembers);
        incident.Members.Clear();
        _closed.Enqueue(incident.Id);
        while (_closed.Count > settings.KeptIncidents)
        {
            _incidents.Remove(_closed.Dequeue());
        }
    }

    // A resolved alert of an open incident stays: a replay of it must not join a second time.
    private void ForgetResolved()
    {
        for (var tries = _resolved.Count - settings.RememberedAlerts; tries > 0; tries--)
        {
            var id = _resolved.Dequeue();
            if (_alerts.GetValueOrDefault(id) is not { IsOpen: false } alert)
            {
                continue;
            }

            if (alert.IncidentId is { } own && _incidents.GetValueOrDefault(own) is { IsOpen: true })
            {
                _resolved.Enqueue(id);
            }
            else
            {
                _alerts.Remove(id);
            }
        }
    }

    private static List<T> Entry<T>(Dictionary<string, List<T>> lists, string key) =>
        lists.TryGetValue(key, out var list) ? list : lists[key] = [];
}
