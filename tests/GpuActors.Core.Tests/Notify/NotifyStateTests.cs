using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;

namespace GpuActors.Core.Tests.Notify;

public sealed class NotifyStateTests
{
    private const long Minute = Durations.MinuteMs;
    private const long Hour = Durations.HourMs;
    private const long Day = Durations.DayMs;
    private readonly Pager _pager = new();

    [Fact]
    public void A_critical_alert_pages_at_once_and_its_end_wakes_nobody()
    {
        Assert.Equal(["opened"], _pager.Fire(0, Fleet.Alert(1, 0, 0)));
        Assert.Equal(["resolved"], _pager.Resolve(1, Fleet.Alert(1, 0, 0)));
        Assert.Equal([true, false], _pager.Pages.Select(page => page.Wakes));
        Assert.Equal([1, 2], _pager.Pages.Select(page => page.Ordinal));
        Assert.Empty(_pager.State.Incidents(openOnly: true));
    }

    [Fact]
    public void A_warning_pages_nobody_until_it_becomes_critical()
    {
        var warning = Fleet.Alert(1, 0, 0, "ecc_sbe", AlertSeverity.Warning);
        Assert.Empty(_pager.Fire(0, warning));
        Assert.Equal(["opened"], _pager.Fire(Minute, warning with { Seq = 2, Severity = AlertSeverity.Critical }));
        Assert.Equal(["resolved"], _pager.Resolve(2 * Minute, warning with { Seq = 2 }));
    }

    [Fact]
    public void An_alert_that_resolves_before_the_decision_pages_nobody()
    {
        _pager.State.Apply(Fleet.Alert(1, 0, 0), 0);
        _pager.State.Apply(Fleet.Resolved(Fleet.Alert(1, 0, 0), 1), 1);
        Assert.Empty(_pager.Decide(2));
    }

    [Fact]
    public void A_power_event_of_a_power_domain_is_one_page_and_one_incident()
    {
        for (var host = 0; host < 8; host++)
        {
            for (var gpu = 0; gpu < 8; gpu++)
            {
                _pager.State.Apply(Fleet.Alert(host, gpu, 0), 10);
            }
        }

        Assert.Equal(["opened"], _pager.Decide(10));
        var incident = Assert.Single(_pager.State.Incidents(openOnly: true));
        Assert.Equal((new IncidentScope("power_domain", "p0"), 64), (incident.Scope, incident.MembersTotal));
        Assert.Equal((64, 50), (_pager.Pages[0].AlertsTotal, _pager.Pages[0].Alerts.Count));
    }

    [Fact]
    public void The_scope_is_the_narrowest_that_covers_the_alerts()
    {
        _pager.Fire(0, Fleet.Alert(0, 0, 0));
        Assert.Equal(new IncidentScope("gpu", "GPU-0-0"), Scope());
        _pager.Fire(1, Fleet.Alert(0, 1, 0));
        Assert.Equal(new IncidentScope("host", "n0"), Scope());
        _pager.Fire(2, Fleet.Alert(1, 0, 0));
        Assert.Equal(new IncidentScope("rack", "r0"), Scope());
        _pager.Fire(3, Fleet.Alert(5, 0, 0));
        Assert.Equal(new IncidentScope("power_domain", "p0"), Scope());
    }

    [Fact]
    public void Alerts_on_other_hosts_within_the_window_are_one_further_page_at_its_end()
    {
        Assert.Equal(["opened"], _pager.Fire(0, Fleet.Alert(0, 0, 0)));
        Assert.Empty(_pager.Fire(30_000, Fleet.Alert(1, 0, 0)));
        Assert.Empty(_pager.Fire(40_000, Fleet.Alert(2, 0, 0)));
        Assert.Equal(2 * Minute, _pager.State.NextDueMs);
        Assert.Equal(["widened"], _pager.Decide(2 * Minute));
        Assert.Equal(3, _pager.Pages[^1].AlertsTotal);
    }

    [Fact]
    public void Alerts_on_the_same_host_within_the_window_are_no_further_page()
    {
        Assert.Equal(["opened"], _pager.Fire(0, Fleet.Alert(0, 0, 0)));
        Assert.Empty(_pager.Fire(30_000, Fleet.Alert(0, 1, 0)));
        Assert.Empty(_pager.Decide(2 * Minute));
        Assert.Empty(_pager.Decide(Hour));
    }

    [Fact]
    public void A_higher_severity_or_another_cause_pages_within_the_window()
    {
        var pager = new Pager(notify: new NotifySettings { PageSeverity = AlertSeverity.Warning });
        Assert.Equal(["opened"], pager.Fire(0, Fleet.Alert(0, 0, 0, "ecc_sbe", AlertSeverity.Warning)));
        Assert.Equal(["widened"], pager.Fire(1, Fleet.Alert(0, 0, 0, "ecc_dbe")));
        Assert.Empty(pager.Fire(2, Fleet.Alert(0, 0, 0, "xid", xid: "48")));
        Assert.Equal(["widened"], pager.Fire(3, Fleet.Alert(0, 0, 0, "power_brake")));
        Assert.Single(pager.State.Incidents(openOnly: true));
    }

    [Theory]
    [InlineData("xid", "ecc_dbe")]
    [InlineData("ecc_dbe", "xid")]
    [InlineData("xid", "gpu_lost")]
    [InlineData("gpu_lost", "xid")]
    public void Two_alerts_of_one_fault_on_one_gpu_page_once(string first, string second)
    {
        Assert.Equal(["opened"], _pager.Fire(0, Fleet.Alert(0, 0, 0, first)));
        Assert.Empty(_pager.Fire(1000, Fleet.Alert(0, 0, 0, second)));
        Assert.Empty(_pager.Decide(Hour));
        Assert.Single(_pager.State.Incidents(openOnly: true));
    }

    [Fact]
    public void A_new_host_and_a_new_gpu_after_quiet_page_again()
    {
        Assert.Equal(["opened"], _pager.Fire(0, Fleet.Alert(0, 0, 0)));
        Assert.Equal(["widened"], _pager.Fire(Hour, Fleet.Alert(1, 0, 0)));
        Assert.Equal(["widened"], _pager.Fire(2 * Hour, Fleet.Alert(1, 1, 0)));
        Assert.Empty(_pager.Fire((2 * Hour) + 1, Fleet.Alert(1, 2, 0)));
        Assert.Empty(_pager.Decide((2 * Hour) + (3 * Minute)));
    }

    [Fact]
    public void A_fatal_xid_on_a_gpu_inside_a_power_incident_is_an_incident_of_its_own()
    {
        Assert.Equal(["opened"], _pager.Fire(0, Fleet.Alert(0, 0, 0), Fleet.Alert(0, 1, 0), Fleet.Alert(1, 0, 0)));
        Assert.Equal(["opened"], _pager.Fire(1000, Fleet.Alert(0, 0, 0, "xid", xid: "79")));
        Assert.Equal(2, _pager.State.Incidents(openOnly: true).Count());
    }

    [Fact]
    public void A_silenced_fault_that_outlives_its_silence_pages_then()
    {
        _pager.Do(0, new AlertControlCommand.Add(Silence("s", 0, Hour)));
        Assert.Empty(_pager.Fire(1, Fleet.Alert(1, 0, 0)));
        Assert.Equal(("s", PageCover.Silenced), Open(Fleet.Alert(1, 0, 0)));
        Assert.Equal(Hour, _pager.State.NextDueMs);
        Assert.Equal(["silence_ended"], _pager.Decide(Hour));
        Assert.Empty(_pager.Decide(Hour + 1));
    }

    [Fact]
    public void A_silence_that_is_ended_early_pages_at_once_and_one_of_a_resolved_fault_never()
    {
        _pager.Do(0, new AlertControlCommand.Add(Silence("s", 0, Hour)));
        _pager.Fire(1, Fleet.Alert(1, 0, 0), Fleet.Alert(1, 1, 0, "xid", xid: "79"));
        _pager.Resolve(2, Fleet.Alert(1, 1, 0, "xid", xid: "79"));
        Assert.Equal(["silence_ended"], _pager.Do(3, new AlertControlCommand.Expire("s")));
    }

    [Fact]
    public void An_acknowledgement_covers_the_alerts_of_its_moment()
    {
        _pager.Fire(0, Fleet.Alert(0, 0, 0));
        var incident = _pager.State.Incidents(openOnly: true).Single();
        Assert.Empty(_pager.Do(1, new AlertControlCommand.AcknowledgeIncident(incident.IncidentId, "ann", "")));
        Assert.Empty(_pager.Decide(5 * Hour));
        Assert.Equal(["widened"], _pager.Fire(6 * Hour, Fleet.Alert(1, 0, 0)));
        Assert.Equal(Fleet.Alert(1, 0, 0).AlertId, Assert.Single(_pager.Pages[^1].Alerts).AlertId);
        Assert.Equal(["unacknowledged"], _pager.Do((6 * Hour) + 1, new AlertControlCommand.Unacknowledge(Fleet.Alert(0, 0, 0).AlertId)));
    }

    [Fact]
    public void A_fault_that_nobody_acknowledges_pages_again_after_four_hours()
    {
        _pager.Fire(0, Fleet.Alert(0, 0, 0));
        Assert.Equal(4 * Hour, _pager.State.NextDueMs);
        Assert.Empty(_pager.Decide((4 * Hour) - 1));
        Assert.Equal(["unacknowledged"], _pager.Decide(4 * Hour));
        Assert.Equal(["unacknowledged"], _pager.Decide(8 * Hour));
    }

    [Fact]
    public void A_fault_that_comes_back_within_ten_minutes_reopens_its_incident_a_bounded_number_of_times()
    {
        _pager.Fire(0, At(0));
        var first = _pager.State.Incidents(openOnly: true).Single().IncidentId;
        var now = 0L;
        var reasons = new List<string>();
        for (var time = 1; time <= 8; time++)
        {
            _pager.Resolve(now += Minute, At(time - 1));
            reasons.AddRange(_pager.Fire(now += 9 * Minute, At(time)));
        }

        Assert.Equal(Enumerable.Repeat("reopened", 6), reasons);
        Assert.Equal(first, _pager.State.Incidents(openOnly: true).Single().IncidentId);
        Assert.Equal(["unacknowledged"], _pager.Decide(now + (4 * Hour)));

        static AlertTransition At(int time) => Fleet.Alert(0, 0, time) with { AlertId = AlertId.Parse($"time-{time}") };
    }

    [Fact]
    public void A_fault_that_comes_back_later_is_a_new_incident()
    {
        _pager.Fire(0, Fleet.Alert(0, 0, 0));
        _pager.Resolve(Minute, Fleet.Alert(0, 0, 0));
        Assert.Equal(["opened"], _pager.Fire(20 * Minute, Fleet.Alert(0, 0, 0) with { AlertId = AlertId.Parse("later") }));
        Assert.Equal(2, _pager.State.Incidents(openOnly: false).Count());
    }

    [Fact]
    public void A_transition_that_is_repeated_after_the_alert_resolved_opens_nothing()
    {
        _pager.Fire(0, Fleet.Alert(0, 0, 0));
        _pager.Resolve(1, Fleet.Alert(0, 0, 0));
        Assert.Empty(_pager.Fire(2, Fleet.Alert(0, 0, 0)));
        Assert.Empty(_pager.Restored().Fire(3, Fleet.Alert(0, 0, 0)));
    }

    [Fact]
    public void A_resolved_incident_is_forgotten_after_a_week()
    {
        _pager.Fire(0, Fleet.Alert(0, 0, 0));
        _pager.Resolve(1, Fleet.Alert(0, 0, 0));
        _ = _pager.Decide(Day);
        Assert.Equal(1, _pager.Topics.Incidents);
        _ = _pager.Decide((8 * Day) + 2);
        Assert.Equal(0, _pager.Topics.Incidents);
        Assert.Empty(_pager.State.Incidents(openOnly: false));
    }

    [Fact]
    public void What_a_silence_would_cover_can_be_seen_before()
    {
        _pager.Fire(0, Fleet.Alert(1, 0, 0), Fleet.Alert(2, 0, 0));
        Assert.Equal(Fleet.Alert(1, 0, 0).AlertId, Assert.Single(_pager.State.Preview(Silence("s", Day, 2 * Day))).Alert.AlertId);
    }

    [Fact]
    public void What_is_not_open_is_not_acknowledged()
    {
        Assert.True(_pager.State.Execute(new AlertControlCommand.Acknowledge(AlertId.Parse("no"), "ann", ""), 0).IsMissing);
        Assert.True(_pager.State.Execute(new AlertControlCommand.AcknowledgeIncident("no", "ann", ""), 0).IsMissing);
    }

    private IncidentScope Scope() => _pager.State.Incidents(openOnly: true).Single().Scope;

    private (string?, PageCover) Open(AlertTransition alert) =>
        _pager.State.Find(alert.AlertId) is { } open ? (open.SilencedBy, open.Cover) : default;

    private static Silence Silence(string id, long from, long until) =>
        new(id, [new SilenceMatcher("host", "n1")], from, until, "ann", "why", SilenceKind.Silence);
}
