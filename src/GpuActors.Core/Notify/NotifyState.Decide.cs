namespace GpuActors.Core.Notify;

// When a person is paged.
public sealed partial class NotifyState
{
    /// <summary>
    /// Decides about all incidents that have changed or whose time has come, and returns what must be published. What it returns counts as
    /// published: a caller that fails to publish it must start again from the published state.
    /// </summary>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    public NotifyChanges Decide(long nowMs)
    {
        Advance(nowMs);
        RefreshSuppression();
        while (_due.TryPeek(out var incident, out var due) && due <= _nowMs)
        {
            _due.Dequeue();
            _dirty.Add(incident);
        }

        var pages = new List<Page>();
        foreach (var incident in _dirty.OrderBy(i => i.OpenedAtMs).ThenBy(i => i.Id, StringComparer.Ordinal).ToList())
        {
            Evaluate(incident, pages);
        }

        _dirty.Clear();
        var (acknowledgements, silences) = _control.TakeChanges();
        var changes = new NotifyChanges(
            pages,
            [.. _changedIncidents.Order(StringComparer.Ordinal).Select(id => (id, FindIncident(id)))],
            [.. _changedAlerts.OrderBy(a => a.Key.Value, StringComparer.Ordinal).Select(a => (a.Key, a.Value, Find(a.Key)))],
            acknowledgements,
            silences
        );
        _changedAlerts.Clear();
        _changedIncidents.Clear();
        return changes;
    }

    private void RefreshSuppression()
    {
        if (ReferenceEquals(_view, _control.View) && (_silencesChangeAtMs is not { } at || at > _nowMs))
        {
            return;
        }

        _view = _control.View;
        _silencesChangeAtMs = _control.NextChangeMs(_nowMs);
        foreach (var (member, incident) in _open.Values)
        {
            if (Suppress(member))
            {
                Changed(member, incident);
            }
        }
    }

    private void Evaluate(Incident incident, List<Page> pages)
    {
        if (!incident.IsOpen)
        {
            Close(incident, pages);
            return;
        }

        var urgent = incident.Members.Where(IsUrgent).ToList();
        if (ReasonOf(incident, urgent) is { } reason)
        {
            Page(incident, reason, urgent, pages);
        }

        foreach (var member in incident.Members.Where(m => m is { IsOpen: true, IsSuppressed: true }))
        {
            Cover(member, member.AcknowledgedBy is not null ? PageCover.Acknowledged : PageCover.Silenced);
        }

        Published(incident);
        Schedule(incident, urgent);
    }

    private bool IsUrgent(Member member) => member.Alert is { } alert && alert.Severity >= settings.PageSeverity && !member.IsSuppressed;

    // Null when nobody is to be paged now. An alert that needs no page of its own counts as told.
    private PageReason? ReasonOf(Incident incident, List<Member> urgent)
    {
        if (urgent.Exists(m => m.Cover == PageCover.Acknowledged))
        {
            return PageReason.Unacknowledged;
        }

        if (urgent.Exists(m => m.Cover == PageCover.Silenced))
        {
            return PageReason.SilenceEnded;
        }

        var fresh = urgent.FindAll(m => m.Cover == PageCover.None);
        if (fresh.Count > 0 && !incident.HasPaged)
        {
            return FirstReasonOf(incident, fresh);
        }

        if (fresh.Exists(m => m.Alert!.Severity > incident.PagedSeverity || !incident.PagedCauses.Contains(m.Cause)))
        {
            return PageReason.Widened;
        }

        if (fresh.Count > 0 && WindowEndMs(incident) is { } windowEnd && _nowMs >= windowEnd)
        {
            if (fresh.Exists(m => IsNews(m, incident, windowEnd)))
            {
                return PageReason.Widened;
            }

            Tell(incident, fresh);
        }

        return urgent.Count > 0 && RemindsAtMs(incident) is { } at && _nowMs >= at ? PageReason.Unacknowledged : null;
    }

    private PageReason? FirstReasonOf(Incident incident, List<Member> fresh)
    {
        if (incident.Reopens.Count == 0 || incident.Pages == 0)
        {
            return PageReason.Opened;
        }

        if (incident.Reopens.Count <= settings.ReopensPerDay)
        {
            return PageReason.Reopened;
        }

        // It has paged often enough today. The reminder counts from here.
        Paged(incident, fresh);
        return null;
    }

    // Of the alerts within the window after a page, those on other hosts; later also those on another GPU after quiet.
    private static bool IsNews(Member member, Incident incident, long windowEnd) =>
        !incident.ToldHosts.Contains(member.Host)
        || (member.JoinedAtMs >= windowEnd && member.AfterQuiet && !incident.ToldGpus.Contains(member.Gpu));

    private void Page(Incident incident, PageReason reason, List<Member> about, List<Page> pages)
    {
        Paged(incident, about);
        pages.Add(PageOf(incident, reason, about));
    }

    private void Paged(Incident incident, List<Member> about)
    {
        incident.LastPageMs = _nowMs;
        incident.PagedSeverity =
            about.Max(m => m.Alert!.Severity) is var worst && incident.PagedSeverity > worst ? incident.PagedSeverity : worst;
        Tell(incident, about);
    }

    private void Tell(Incident incident, List<Member> members)
    {
        foreach (var member in members.Where(m => m.Cover != PageCover.Told))
        {
            _changedAlerts[member.AlertId] = member.Gpu;
        }

        incident.Tell(members);
    }

    private Page PageOf(Incident incident, PageReason reason, List<Member> about)
    {
        var ordinal = ++incident.Pages;
        var scope = incident.Scope(ScopesOf(incident));
        var sorted = about
            .OrderByDescending(m => m.Alert!.Severity)
            .ThenBy(m => m.Alert!.OpenedAtMs)
            .ThenBy(m => m.AlertId.Value, StringComparer.Ordinal)
            .Select(m => m.Alert!)
            .ToList();
        return new Page
        {
            PageId = Notify.Page.IdOf(incident.Id, reason, ordinal),
            IncidentId = incident.Id,
            Ordinal = ordinal,
            Reason = reason,
            Severity = sorted.Count > 0 ? sorted[0].Severity : incident.PagedSeverity ?? incident.Severity,
            Cause = incident.Cause,
            Scope = scope,
            Summary = sorted.Count == 1 ? sorted[0].Summary : incident.Summary(scope),
            Action = sorted.Count > 0 ? sorted[0].Action : "",
            Runbook = sorted.Count > 0 ? sorted[0].Runbook : "",
            OpenedAtMs = incident.OpenedAtMs,
            AtMs = _nowMs,
            Alerts =
            [
                .. sorted
                    .Take(Notify.Page.MostAlerts)
                    .Select(a => new PagedAlert(a.AlertId, a.Gpu, a.Labels.Host, a.Rule, a.Severity, a.Summary)),
            ],
            AlertsTotal = sorted.Count,
        };
    }

    private void Close(Incident incident, List<Page> pages)
    {
        if (incident.ClosedAtMs is not { } closed)
        {
            incident.ClosedAtMs = closed = _nowMs;
            if (incident.HasPaged)
            {
                pages.Add(PageOf(incident, PageReason.Resolved, []));
            }

            Published(incident);
        }

        var reopensUntil = closed + (long)settings.ReopenWithin.TotalMilliseconds;
        var keptUntil = closed + (long)settings.KeepResolved.TotalMilliseconds;
        if (_nowMs > reopensUntil && _atPlace.GetValueOrDefault((incident.Cause, incident.Place)) == incident)
        {
            _atPlace.Remove((incident.Cause, incident.Place));
        }

        if (_nowMs > keptUntil)
        {
            _incidents.Remove(incident.Id);
            _changedIncidents.Add(incident.Id);
            return;
        }

        _due.Enqueue(incident, 1 + (_nowMs > reopensUntil ? keptUntil : reopensUntil));
    }

    private void Cover(Member member, PageCover cover)
    {
        if (member.Cover != cover)
        {
            member.Cover = cover;
            _changedAlerts[member.AlertId] = member.Gpu;
        }
    }

    private void Published(Incident incident)
    {
        incident.Seq++;
        incident.UpdatedAtMs = _nowMs;
        _changedIncidents.Add(incident.Id);
    }

    private long? RemindsAtMs(Incident incident) =>
        settings.RemindAfter > TimeSpan.Zero ? incident.LastPageMs + (long)settings.RemindAfter.TotalMilliseconds : null;

    private long? WindowEndMs(Incident incident) => incident.LastPageMs + (long)incidents.Window.TotalMilliseconds;

    private void Schedule(Incident incident, List<Member> urgent)
    {
        if (urgent.Exists(m => m.Cover == PageCover.None) && WindowEndMs(incident) is { } windowEnd)
        {
            _due.Enqueue(incident, windowEnd);
        }
        else if (urgent.Count > 0 && RemindsAtMs(incident) is { } at)
        {
            _due.Enqueue(incident, at);
        }
    }
}
