using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;

namespace GpuActors.Core.Notify;

/// <summary>
/// What NOTIFY knows and decides: which alerts are one incident, and when a person is paged for it. Alerts and commands are taken in as
/// they come; <see cref="Decide"/> looks at the state as it is then, so that an alert that has resolved meanwhile pages nobody, and a
/// successor that has restored the published state decides as its predecessor would have. Time is an argument and never goes back. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// Alerts with one cause at one place are one incident. The place is the widest that the cause can have. Beyond that, an alert joins the
/// incident that its GPU is in already, if that is a fault of the GPU: one fault often has several rules.
/// </remarks>
public sealed partial class NotifyState(IncidentSettings incidents, NotifySettings settings)
{
    // A transition that a producer repeats comes shortly after the first one.
    private const int RememberedResolved = 50_000;

    private readonly Dictionary<AlertId, (Member Member, Incident Incident)> _open = [];
    private readonly Dictionary<GpuId, List<Incident>> _ofGpu = [];
    private readonly Dictionary<string, Incident> _incidents = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Cause, IncidentScope Place), Incident> _atPlace = [];
    private readonly AlertControlState _control = new();
    private readonly HashSet<AlertId> _resolved = [];
    private readonly Queue<AlertId> _resolvedOrder = new();
    private readonly HashSet<Incident> _dirty = [];
    private readonly Dictionary<AlertId, GpuId> _changedAlerts = [];
    private readonly HashSet<string> _changedIncidents = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Incident, long> _due = new();
    private AlertControlView _view = AlertControlView.Empty;
    private long? _silencesChangeAtMs;
    private long _nowMs;

    /// <summary>Number of open alerts.</summary>
    public int OpenAlerts => _open.Count;

    /// <summary>Number of open incidents.</summary>
    public int OpenIncidents => _incidents.Values.Count(incident => incident.IsOpen);

    /// <summary>Acknowledgements and silences.</summary>
    public AlertControlView Control => _control.View;

    /// <summary>When <see cref="Decide"/> has something to do although nothing comes in, Unix milliseconds; null for never.</summary>
    public long? NextDueMs => _due.TryPeek(out _, out var due) ? Math.Min(due, _silencesChangeAtMs ?? long.MaxValue) : _silencesChangeAtMs;

    /// <summary>Open alerts, the oldest first.</summary>
    public IEnumerable<NotifiedAlert> Alerts() =>
        _open.Values.Select(Record).OrderBy(a => a.Alert.OpenedAtMs).ThenBy(a => a.Alert.AlertId.Value, StringComparer.Ordinal);

    /// <summary>An open alert; null when it is not open.</summary>
    public NotifiedAlert? Find(AlertId alertId) => _open.TryGetValue(alertId, out var found) ? Record(found) : null;

    /// <summary>Open incidents and those that closed lately, the newest first.</summary>
    public IEnumerable<IncidentRecord> Incidents(bool openOnly) =>
        _incidents
            .Values.Where(incident => incident.IsOpen || !openOnly)
            .OrderByDescending(incident => incident.OpenedAtMs)
            .ThenBy(incident => incident.Id, StringComparer.Ordinal)
            .Select(Record);

    /// <summary>An incident; null when it is not known, or no longer.</summary>
    public IncidentRecord? FindIncident(string incidentId) =>
        _incidents.TryGetValue(incidentId, out var incident) ? Record(incident) : null;

    /// <summary>Takes a transition of the alert log in. One that is known, or older than what is known, changes nothing.</summary>
    public void Apply(AlertTransition alert, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(alert);
        Advance(nowMs);
        if (alert.State == AlertState.Resolved)
        {
            Resolve(alert.AlertId);
        }
        else if (_open.TryGetValue(alert.AlertId, out var known))
        {
            Update(known.Member, known.Incident, alert);
        }
        else if (!_resolved.Contains(alert.AlertId))
        {
            Open(alert);
        }
    }

    /// <summary>Carries out a command of an operator.</summary>
    public AlertControlOutcome Execute(AlertControlCommand command, long nowMs)
    {
        Advance(nowMs);
        switch (command)
        {
            case AlertControlCommand.Acknowledge c when c.AlertId != default && !_open.ContainsKey(c.AlertId):
                return new AlertControlOutcome($"Alert {c.AlertId} is not open; gpuactors alerts lists those that are", IsMissing: true);
            case AlertControlCommand.AcknowledgeIncident c:
                return Acknowledge(c);
            default:
                return _control.Execute(command, _nowMs);
        }
    }

    /// <summary>Which open alerts a silence would cover if it were in force now.</summary>
    public IReadOnlyList<NotifiedAlert> Preview(Silence silence)
    {
        ArgumentNullException.ThrowIfNull(silence);
        var view = new AlertControlView(new AlertControlSnapshot([], [silence with { StartsAtMs = 0, EndsAtMs = long.MaxValue }]));
        return [.. Alerts().Where(open => view.SilenceOf(open.Alert, 1) is not null)];
    }

    private AlertControlOutcome Acknowledge(AlertControlCommand.AcknowledgeIncident command)
    {
        if (!_incidents.TryGetValue(command.IncidentId, out var incident) || !incident.IsOpen)
        {
            return new AlertControlOutcome($"Incident {command.IncidentId} is not open; gpuactors incidents lists those that are", true);
        }

        foreach (var member in incident.Members.Where(m => m.IsOpen).ToList())
        {
            var outcome = _control.Execute(new AlertControlCommand.Acknowledge(member.AlertId, command.By, command.Comment), _nowMs);
            if (outcome.Problem is not null)
            {
                return outcome;
            }
        }

        return AlertControlOutcome.Done;
    }

    private void Open(AlertTransition alert)
    {
        var cause = incidents.CauseOf(alert.Rule);
        var incident = IncidentOf(alert, cause);
        var member = new Member(alert.AlertId, alert.Gpu, alert.Labels.Host, alert.Rule)
        {
            Alert = alert,
            Cause = cause.Name,
            JoinedAtMs = _nowMs,
            AfterQuiet = _nowMs - incident.LastJoinMs >= (long)incidents.Window.TotalMilliseconds,
        };
        Attach(member, incident);
        incident.LastJoinMs = _nowMs;
        incident.Severity = Max(incident.Severity, alert.Severity);
        Suppress(member);
        Changed(member, incident);
    }

    private void Attach(Member member, Incident incident)
    {
        incident.Add(member, incidents.MaxListedMembers);
        _open[member.AlertId] = (member, incident);
        if (!_ofGpu.TryGetValue(member.Gpu, out var own))
        {
            _ofGpu[member.Gpu] = own = [];
        }

        own.Add(incident);
    }

    private void Update(Member member, Incident incident, AlertTransition alert)
    {
        if (alert.Seq <= member.Alert!.Seq)
        {
            return;
        }

        if (alert.Severity > member.Alert.Severity && member.Alert.Severity < settings.PageSeverity)
        {
            member.Cover = PageCover.None;
        }

        member.Alert = alert;
        incident.Severity = Max(incident.Severity, alert.Severity);
        Suppress(member);
        Changed(member, incident);
    }

    private void Resolve(AlertId alertId)
    {
        if (_resolved.Add(alertId))
        {
            _resolvedOrder.Enqueue(alertId);
            if (_resolvedOrder.Count > RememberedResolved)
            {
                _resolved.Remove(_resolvedOrder.Dequeue());
            }
        }

        if (!_open.Remove(alertId, out var known))
        {
            return;
        }

        var (member, incident) = known;
        incident.Resolve(member);
        var own = _ofGpu[member.Gpu];
        own.Remove(incident);
        if (own.Count == 0)
        {
            _ofGpu.Remove(member.Gpu);
        }

        _control.Resolved(alertId);
        Changed(member, incident);
    }

    // The open incident of the cause at the alert's place; else the one that its GPU is in, if that is a fault of the GPU or of nothing but
    // the GPU; else one that has just closed; else a new one.
    private Incident IncidentOf(AlertTransition alert, IncidentCause cause)
    {
        var place = cause.PlaceOf(alert);
        var atPlace = _atPlace.GetValueOrDefault((cause.Name, place));
        if (atPlace is { IsOpen: true })
        {
            return atPlace;
        }

        var isFaultOfGpu = cause.Name == IncidentSettings.Default.Name;
        var own = (_ofGpu.GetValueOrDefault(alert.Gpu) ?? [])
            .Where(i => isFaultOfGpu ? i.Members.All(m => m.Gpu == alert.Gpu || !m.IsOpen) : i.Cause == IncidentSettings.Default.Name)
            .OrderBy(i => i.OpenedAtMs)
            .ThenBy(i => i.Id, StringComparer.Ordinal)
            .FirstOrDefault();
        if (own is not null)
        {
            return own;
        }

        if (atPlace is { ClosedAtMs: { } closed } && _nowMs - closed <= (long)settings.ReopenWithin.TotalMilliseconds)
        {
            atPlace.Reopen(_nowMs);
            return atPlace;
        }

        var opened = new Incident(IncidentIds.Of(cause.Name, place, alert.AlertId), cause.Name, place, alert.OpenedAtMs);
        _incidents[opened.Id] = opened;
        _atPlace[(cause.Name, place)] = opened;
        return opened;
    }

    // What of silences and acknowledgements applies to an alert.
    private bool Suppress(Member member)
    {
        var silence = _view.SilenceOf(member.Alert!, _nowMs)?.Id;
        var by = _view.AcknowledgementOf(member.AlertId)?.By;
        if (member.SilencedBy == silence && member.AcknowledgedBy == by)
        {
            return false;
        }

        (member.SilencedBy, member.AcknowledgedBy) = (silence, by);
        return true;
    }

    private void Changed(Member member, Incident incident)
    {
        _changedAlerts[member.AlertId] = member.Gpu;
        _dirty.Add(incident);
    }

    private void Advance(long nowMs) => _nowMs = Math.Max(_nowMs, nowMs);

    private IReadOnlyList<string> ScopesOf(Incident incident) =>
        (incidents.Causes.FirstOrDefault(cause => cause.Name == incident.Cause) ?? IncidentSettings.Default).Scopes;

    private IncidentRecord Record(Incident incident) => incident.ToRecord(ScopesOf(incident), incidents.MaxListedMembers);

    private static NotifiedAlert Record((Member Member, Incident Incident) open) =>
        new(
            open.Member.Alert!,
            open.Incident.Id,
            open.Member.Cause,
            open.Member.Cover,
            open.Member.SilencedBy,
            open.Member.AcknowledgedBy,
            open.Member.JoinedAtMs,
            open.Member.AfterQuiet
        );

    private static AlertSeverity Max(AlertSeverity a, AlertSeverity b) => a > b ? a : b;
}
