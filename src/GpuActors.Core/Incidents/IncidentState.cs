using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>
/// Groups alerts into incidents. <see cref="Decide"/> says what a transition means and changes nothing; <see cref="Apply"/> takes that fact
/// in. Time comes with the alerts and never goes back. An alert joins the widest open incident of its cause at any time while that is open:
/// as long as a host or rack is down, one more GPU of it is no news. It makes an incident, or widens one, only together with alerts of the
/// last <see cref="IncidentSettings.Window"/>. Not thread-safe.
/// </summary>
public sealed partial class IncidentState(IncidentSettings settings)
{
    private readonly Dictionary<AlertId, TrackedAlert> _alerts = [];
    private readonly Queue<AlertId> _resolved = new();
    private readonly Dictionary<string, List<TrackedAlert>> _alone = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Incident>> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Incident> _incidents = new(StringComparer.Ordinal);
    private readonly Queue<string> _closed = new();
    private long _nowMs;
    private int _openAlerts;

    /// <summary>Alerts that are open.</summary>
    public int OpenAlerts => _openAlerts;

    /// <summary>Incidents that are open.</summary>
    public int OpenIncidents => _open.Values.Sum(incidents => incidents.Count);

    /// <summary>Open incidents and those that closed last, the oldest first.</summary>
    public IReadOnlyList<IncidentRecord> Incidents() =>
        [
            .. _incidents
                .Values.OrderBy(i => i.OpenedAtMs)
                .ThenBy(i => i.Id, StringComparer.Ordinal)
                .Select(i => i.ToRecord(settings.MaxListedMembers)),
        ];

    /// <summary>An incident; null when it is not known, or no longer.</summary>
    public IncidentRecord? Find(string incidentId) => _incidents.GetValueOrDefault(incidentId)?.ToRecord(settings.MaxListedMembers);

    /// <summary>Whether an alert is open.</summary>
    public bool IsOpen(AlertId alertId) => _alerts.GetValueOrDefault(alertId) is { IsOpen: true };

    /// <summary>Incidents whose newest state no broker has yet.</summary>
    public IReadOnlyList<string> Unpublished() => [.. _incidents.Values.Where(i => i.PublishedSeq < i.Seq).Select(i => i.Id)];

    /// <summary>What a transition means.</summary>
    /// <param name="alert">The transition.</param>
    /// <param name="silenced">Whether nobody is to be paged for it.</param>
    public IncidentStep Decide(AlertTransition alert, bool silenced)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var known = _alerts.GetValueOrDefault(alert.AlertId);
        if (known is not null && alert.Seq <= known.Alert.Seq)
        {
            return new IncidentStep
            {
                Alert = alert,
                Page = known.PagedSeq == alert.Seq,
                IncidentId = known.IncidentId,
                Changes = false,
            };
        }

        if (alert.State == AlertState.Resolved)
        {
            return new IncidentStep
            {
                Alert = alert,
                Page = false,
                IncidentId = known?.IncidentId,
                Changes = known is not null || _openAlerts < settings.MaxOpenAlerts,
            };
        }

        var urgent = alert.Severity == AlertSeverity.Critical && !silenced && known is not { PagedSeq: > 0 };
        if (known is not { IsOpen: true } && _openAlerts >= settings.MaxOpenAlerts)
        {
            return new IncidentStep
            {
                Alert = alert,
                Page = urgent,
                Changes = false,
            };
        }

        return OpenIncidentOf(known) is { } incident ? Joining(alert, incident, urgent) : Place(alert, urgent, known?.Pages ?? 0);
    }

    /// <summary>Takes a fact in.</summary>
    /// <returns>Ids of the incidents that changed.</returns>
    public IReadOnlyList<string> Apply(IncidentStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (!step.Changes)
        {
            return [];
        }

        var alert = step.Alert;
        _nowMs = Math.Max(_nowMs, alert.IngestedAtMs);
        var tracked = Track(alert);
        var changed = new List<string>();
        if (step.Page)
        {
            tracked.PagedSeq = alert.Seq;
        }

        if (step.Opened is { } opening)
        {
            Open(opening, tracked, changed);
        }

        if (step.IncidentId is { } id && _incidents.GetValueOrDefault(id) is { } incident)
        {
            Take(incident, tracked, step);
            changed.Add(id);
        }
        else if (tracked.IsOpen)
        {
            AddAlone(tracked);
        }

        return changed;
    }

    /// <summary>Notes that a broker has an incident's record.</summary>
    public void Published(string incidentId, int seq)
    {
        if (_incidents.TryGetValue(incidentId, out var incident) && seq > incident.PublishedSeq)
        {
            incident.PublishedSeq = seq;
        }
    }

    private static IncidentStep Joining(AlertTransition alert, Incident incident, bool urgent) =>
        new()
        {
            Alert = alert,
            Page = urgent && incident.Pages == 0,
            IncidentId = incident.Id,
        };

    private string CauseOf(AlertTransition alert)
    {
        var cause = settings.CauseOf(alert.Rule);
        return cause.By.Length > 0 && alert.Field(cause.By) is { Length: > 0 } value ? $"{cause.Name}:{value}" : cause.Name;
    }

    // The widest scope at which there is an incident to join or to make; what has paged apart more often than an incident may stays apart.
    private IncidentStep Place(AlertTransition alert, bool urgent, int pagedAlready)
    {
        var cause = CauseOf(alert);
        var kinds = settings.CauseOf(alert.Rule).Scopes;
        var scopes = kinds.Where(kind => alert.Field(kind).Length > 0).Select(kind => new IncidentScope(kind, alert.Field(kind))).ToList();
        var open = scopes.ConvertAll(scope => _open.GetValueOrDefault(cause)?.Find(i => i.Scope == scope));
        for (var i = scopes.Count - 1; i >= 0; i--)
        {
            if (open[i] is { } there)
            {
                if (there.Pages + pagedAlready < settings.MinMembers)
                {
                    return Joining(alert, there, urgent);
                }

                continue;
            }

            var (alone, narrower) = Gather(alert, cause, scopes[i], kinds, pagedAlready);
            // Its own host's incident comes along, or the alert goes there.
            var comesAlong = open.Take(i).All(own => own is null || narrower.Contains(own));
            var members = alone.Concat(narrower.SelectMany(incident => incident.Members)).ToList();
            var hosts = members.Select(m => m.Alert.Labels.Host).Append(alert.Labels.Host).Distinct(StringComparer.Ordinal).Count();
            if (comesAlong && members.Count + 1 >= settings.MinMembers && (i == 0 || hosts > 1))
            {
                return Opening(alert, urgent, cause, scopes[i], alone, narrower);
            }
        }

        return new IncidentStep { Alert = alert, Page = urgent };
    }

    private static IncidentStep Opening(
        AlertTransition alert,
        bool urgent,
        string cause,
        IncidentScope scope,
        List<TrackedAlert> alone,
        List<Incident> narrower
    )
    {
        var first = alone
            .Concat(narrower.SelectMany(n => n.Members))
            .OrderBy(m => m.JoinedMs)
            .ThenBy(m => m.Alert.AlertId.Value, StringComparer.Ordinal)
            .First();
        var id = IncidentIds.Of(cause, scope, first.Alert.AlertId);
        return new IncidentStep
        {
            Alert = alert,
            Page = urgent && alone.Sum(a => a.Pages) + narrower.Sum(n => n.Pages) == 0,
            IncidentId = id,
            Opened = new IncidentOpening(id, cause, scope, [.. alone.Select(a => a.Alert.AlertId)], [.. narrower.Select(n => n.Id)]),
        };
    }

    // What may share an incident at the scope with the alert: the newest first, as long as together they have not paged too often.
    private (List<TrackedAlert> Alone, List<Incident> Narrower) Gather(
        AlertTransition alert,
        string cause,
        IncidentScope scope,
        IReadOnlyList<string> kinds,
        int pages
    )
    {
        var since = Math.Max(_nowMs, alert.IngestedAtMs) - (long)settings.Window.TotalMilliseconds;
        var width = Width(kinds, scope.Kind);
        var alone = (_alone.GetValueOrDefault(cause) ?? [])
            .Where(a =>
                a.IsOpen
                && a.IncidentId is null
                && a.JoinedMs >= since
                && a.Alert.AlertId != alert.AlertId
                && a.Alert.Field(scope.Kind) == scope.Name
            )
            .Select(a => (a.JoinedMs, Id: a.Alert.AlertId.Value, a.Pages, Alert: (TrackedAlert?)a, Incident: (Incident?)null));
        var narrower = (_open.GetValueOrDefault(cause) ?? [])
            .Where(n => n.LastJoinMs >= since && Width(kinds, n.Scope.Kind) < width && n.Members[0].Alert.Field(scope.Kind) == scope.Name)
            .Select(n => (JoinedMs: n.LastJoinMs, n.Id, n.Pages, Alert: (TrackedAlert?)null, Incident: (Incident?)n));
        var taken = (Alone: new List<TrackedAlert>(), Narrower: new List<Incident>());
        foreach (var one in alone.Concat(narrower).OrderByDescending(c => c.JoinedMs).ThenBy(c => c.Id, StringComparer.Ordinal))
        {
            if (pages + one.Pages >= settings.MinMembers)
            {
                continue;
            }

            pages += one.Pages;
            if (one.Alert is { } single)
            {
                taken.Alone.Add(single);
            }
            else
            {
                taken.Narrower.Add(one.Incident!);
            }
        }

        return taken;
    }

    private static int Width(IReadOnlyList<string> kinds, string kind)
    {
        for (var i = 0; i < kinds.Count; i++)
        {
            if (kinds[i] == kind)
            {
                return i;
            }
        }

        return -1;
    }

    private TrackedAlert Track(AlertTransition alert)
    {
        if (!_alerts.TryGetValue(alert.AlertId, out var tracked))
        {
            _alerts[alert.AlertId] = tracked = new TrackedAlert(alert, CauseOf(alert)) { JoinedMs = _nowMs };
            Count(alert.AlertId, tracked.IsOpen ? 1 : 0, !tracked.IsOpen);
            return tracked;
        }

        var was = tracked.IsOpen;
        var incident = OpenIncidentOf(tracked);
        if (!was && alert.State == AlertState.Firing && incident is null)
        {
            // It opens again: the incident that closed with it keeps what it knew.
            _alerts[alert.AlertId] = tracked = new TrackedAlert(alert, tracked.Cause) { PagedSeq = tracked.PagedSeq, JoinedMs = _nowMs };
            _openAlerts++;
            return tracked;
        }

        tracked.Alert = alert;
        if (tracked.IsOpen)
        {
            tracked.JoinedMs = _nowMs;
        }

        if (was != tracked.IsOpen)
        {
            if (incident is not null)
            {
                incident.OpenMembers += was ? -1 : 1;
            }

            Count(alert.AlertId, was ? -1 : 1, was);
        }

        return tracked;
    }

    // The id is not enough: an incident that forms again from the same first alert has the id of the closed one, without its members.
    private Incident? OpenIncidentOf(TrackedAlert? alert) =>
        alert?.IncidentId is { } id && _incidents.GetValueOrDefault(id) is { IsOpen: true } incident && incident.Members.Contains(alert)
            ? incident
            : null;

    private void Count(AlertId alertId, int opened, bool resolved)
    {
        _openAlerts += opened;
        if (resolved)
        {
            _resolved.Enqueue(alertId);
            ForgetResolved();
        }
    }
}
