using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Notify;

/// <summary>The mutable state of one incident.</summary>
internal sealed class Incident(string id, string cause, IncidentScope place, long openedAtMs)
{
    private readonly List<Member> _members = [];

    public string Id => id;

    public string Cause => cause;

    public IncidentScope Place => place;

    public long OpenedAtMs => openedAtMs;

    public int Seq { get; set; }

    public long UpdatedAtMs { get; set; }

    public long? ClosedAtMs { get; set; }

    public long LastJoinMs { get; set; }

    public AlertSeverity Severity { get; set; }

    public int Pages { get; set; }

    public int Total { get; set; }

    /// <summary>When it last paged since it opened; null when it has not.</summary>
    public long? LastPageMs { get; set; }

    public AlertSeverity? PagedSeverity { get; set; }

    public HashSet<string> PagedCauses { get; } = new(StringComparer.Ordinal);

    /// <summary>When it opened again, the oldest first.</summary>
    public List<long> Reopens { get; } = [];

    public IReadOnlyList<Member> Members => _members;

    public int OpenMembers { get; private set; }

    public bool IsOpen => OpenMembers > 0;

    public bool HasPaged => LastPageMs is not null;

    public HashSet<GpuId> ToldGpus { get; } = [];

    public HashSet<string> ToldHosts { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds an alert. Of those that have resolved only the newest are remembered.</summary>
    public void Add(Member member, int remembered)
    {
        _members.Add(member);
        Total++;
        OpenMembers += member.IsOpen ? 1 : 0;
        if (_members.Count - OpenMembers > remembered)
        {
            _members.RemoveAt(_members.FindIndex(old => !old.IsOpen));
        }
    }

    /// <summary>An alert has resolved.</summary>
    public void Resolve(Member member)
    {
        member.Alert = null;
        OpenMembers--;
    }

    /// <summary>Opens again: what was told before does not count any more.</summary>
    public void Reopen(long nowMs)
    {
        _members.Clear();
        ToldGpus.Clear();
        ToldHosts.Clear();
        PagedCauses.Clear();
        (ClosedAtMs, LastPageMs, PagedSeverity) = (null, null, null);
        Reopens.RemoveAll(at => at <= nowMs - (long)TimeSpan.FromDays(1).TotalMilliseconds);
        Reopens.Add(nowMs);
    }

    /// <summary>A person knows of these alerts.</summary>
    public void Tell(IEnumerable<Member> members)
    {
        foreach (var member in members)
        {
            (member.Cover, member.Told) = (PageCover.Told, true);
            Remember(member);
        }
    }

    /// <summary>Remembers the GPU and the host of an alert that was told.</summary>
    public void Remember(Member member)
    {
        ToldGpus.Add(member.Gpu);
        ToldHosts.Add(member.Host);
        PagedCauses.Add(member.Cause);
    }

    /// <summary>The narrowest place that covers the alerts.</summary>
    public IncidentScope Scope(IEnumerable<string> scopes)
    {
        if (_members.Count == 0)
        {
            return place;
        }

        var first = _members[0];
        if (_members.TrueForAll(member => member.Gpu == first.Gpu))
        {
            return new IncidentScope(IncidentScope.Gpu, first.Gpu.Value);
        }

        if (first.Host.Length > 0 && _members.TrueForAll(member => member.Host == first.Host))
        {
            return new IncidentScope(AlertLabelNames.Host, first.Host);
        }

        var open = _members.Where(member => member.IsOpen).ToList();
        foreach (var kind in scopes.Except([IncidentScope.Gpu, AlertLabelNames.Host], StringComparer.Ordinal))
        {
            if (open.Count > 0 && open[0].Alert!.Field(kind) is { Length: > 0 } name && open.TrueForAll(m => m.Alert!.Field(kind) == name))
            {
                return new IncidentScope(kind, name);
            }
        }

        return place;
    }

    public string Summary(IncidentScope scope)
    {
        var hosts = _members.Select(m => m.Host).Distinct(StringComparer.Ordinal).Count();
        var gpus = _members.Select(m => m.Gpu).Distinct().Count();
        var rules = string.Join(", ", _members.Select(m => m.Rule).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var alerts = $"{Count(Total, "alert")} ({rules}) on {Count(gpus, "GPU")} of {Count(hosts, "host")}";
        return string.Create(CultureInfo.InvariantCulture, $"{cause} on {scope.Kind} {scope.Name}: {alerts}, {OpenMembers} open");
    }

    public IncidentRecord ToRecord(IEnumerable<string> scopes, int maxListed)
    {
        var listed = _members.Count <= maxListed ? _members : [.. _members.OrderBy(m => !m.IsOpen).Take(maxListed)];
        var scope = Scope(scopes);
        return new IncidentRecord
        {
            IncidentId = id,
            Seq = Seq,
            State = IsOpen ? AlertState.Firing : AlertState.Resolved,
            Cause = cause,
            Place = place,
            Scope = scope,
            Severity = Severity,
            Summary = Summary(scope),
            OpenedAtMs = openedAtMs,
            UpdatedAtMs = UpdatedAtMs,
            ClosedAtMs = ClosedAtMs,
            LastJoinAtMs = LastJoinMs,
            Members = [.. listed.Select(m => m.ToRecord())],
            MembersTotal = Total,
            Pages = Pages,
            LastPageAtMs = LastPageMs,
            PagedSeverity = PagedSeverity,
            PagedCauses = [.. PagedCauses.Order(StringComparer.Ordinal)],
            ReopenedAtMs = [.. Reopens],
        };
    }

    private static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
