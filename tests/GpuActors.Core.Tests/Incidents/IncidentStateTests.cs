using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using static GpuActors.Core.Tests.Incidents.Fleet;

namespace GpuActors.Core.Tests.Incidents;

public sealed class IncidentStateTests
{
    private readonly IncidentState _state = new(new IncidentSettings());

    [Fact]
    public void An_alert_alone_pages_and_is_no_incident()
    {
        var step = _state.Take(Alert(0, 0, 0));

        Assert.True(step.Page);
        Assert.Null(step.IncidentId);
        Assert.Empty(_state.Incidents());
    }

    [Fact]
    public void The_second_alert_of_a_host_makes_an_incident_and_does_not_page()
    {
        _state.Take(Alert(0, 0, 0));
        var step = _state.Take(Alert(0, 1, 1));

        var incident = Assert.Single(_state.Incidents());
        Assert.False(step.Page);
        Assert.Equal(step.IncidentId, incident.IncidentId);
        Assert.Equal(
            ("power", new IncidentScope("host", "n0"), 1, 2),
            (incident.Cause, incident.Scope, incident.Pages, incident.MembersTotal)
        );
        Assert.Equal(["power_brake-0-0", "power_brake-0-1"], incident.Members.Select(m => m.AlertId.Value));
        Assert.Equal(AlertState.Firing, incident.State);
        Assert.Equal(0, incident.OpenedAtMs);
    }

    [Fact]
    public void A_power_brake_on_256_gpus_of_one_feed_is_one_page_and_one_incident()
    {
        var state = new IncidentState(new IncidentSettings());
        var alerts = Enumerable
            .Range(0, 256)
            .Select(n =>
                Alert(n % 32, n / 32, 0) with
                {
                    Labels = AlertLabels.None.With("host", $"n{n % 32}").With("power_domain", "feed-a"),
                }
            );

        var pages = alerts.Count(alert => state.Take(alert).Page);

        Assert.Equal(1, pages);
        var incident = Assert.Single(state.Live());
        Assert.Equal(256, incident.MembersTotal);
        Assert.Equal(new IncidentScope("power_domain", "feed-a"), incident.Scope);
        Assert.Equal(1, incident.Pages);
    }

    [Fact]
    public void A_host_incident_is_taken_in_by_the_incident_of_its_feed()
    {
        _state.Take(Alert(0, 0, 0));
        var narrow = _state.Take(Alert(0, 1, 0)).IncidentId!;

        var step = _state.Take(Alert(5, 0, 10));

        Assert.False(step.Page);
        var wide = Assert.Single(_state.Live());
        Assert.Equal((step.IncidentId, new IncidentScope("power_domain", "p0"), 3), (wide.IncidentId, wide.Scope, wide.MembersTotal));
        var old = _state.Find(narrow)!;
        Assert.Equal((wide.IncidentId, AlertState.Resolved), (old.SupersededBy, old.State));
    }

    [Fact]
    public void Alerts_further_apart_than_the_window_page_apart()
    {
        Assert.True(_state.Take(Alert(0, 0, 0)).Page);
        Assert.True(_state.Take(Alert(0, 1, 121)).Page);
        Assert.Empty(_state.Incidents());
    }

    [Fact]
    public void As_long_as_an_incident_is_open_its_host_joins_it_however_late()
    {
        _state.Take(Alert(0, 0, 0));
        _state.Take(Alert(0, 1, 1));

        var late = _state.Take(Alert(0, 2, 3600));

        Assert.False(late.Page);
        Assert.Equal(3, Assert.Single(_state.Incidents()).MembersTotal);
    }

    [Fact]
    public void An_hour_later_another_host_of_the_rack_is_another_incident_and_stays_one()
    {
        _state.Take(Alert(0, 0, 0));
        _state.Take(Alert(0, 1, 1));
        Assert.True(_state.Take(Alert(1, 0, 3600)).Page);
        _state.Take(Alert(1, 1, 3601));

        // Both are fresh now, but both have paged.
        _state.Take(Alert(0, 2, 3602));

        Assert.Equal([1, 1], _state.Live().Select(i => i.Pages));
        Assert.Equal([3, 2], _state.Live().Select(i => i.MembersTotal));
    }

    [Fact]
    public void Causes_scopes_and_codes_are_told_apart()
    {
        _state.Take(Alert(0, 0, 0, "xid", xid: "79"));
        _state.Take(Alert(0, 1, 0, "xid", xid: "48"));
        _state.Take(Alert(0, 2, 0, "hw_thermal"));
        _state.Take(Alert(0, 3, 0, "some_new_rule"));
        _state.Take(Alert(1, 0, 0, "xid", xid: "79"));
        _state.Take(Alert(4, 0, 0, "hw_thermal"));
        Assert.Empty(_state.Incidents());

        _state.Take(Alert(0, 4, 0, "xid", xid: "79"));
        _state.Take(Alert(0, 5, 0, "sw_thermal"));
        _state.Take(Alert(0, 6, 0, "some_new_rule"));

        Assert.Equal(["cooling", "some_new_rule", "xid:79"], _state.Live().Select(i => i.Cause).Order());
    }

    [Fact]
    public void What_is_not_known_of_a_place_groups_nothing()
    {
        Assert.True(_state.Take(Alert(0, 0, 0) with { Labels = AlertLabels.None }).Page);
        Assert.True(_state.Take(Alert(1, 0, 0) with { Labels = AlertLabels.None }).Page);
        Assert.Empty(_state.Incidents());
    }

    [Fact]
    public void An_alert_that_opens_again_is_a_member_of_the_incident_that_forms_again_without_it()
    {
        AlertTransition[] alerts = [Alert(0, 0, 0), Alert(0, 1, 1), Alert(0, 2, 2)];
        Array.ForEach(alerts, a => _state.Take(a));
        Array.ForEach(alerts, a => _state.Take(Resolved(a, 3)));

        var again = Array.ConvertAll(alerts, a => _state.Take(a with { Seq = 3, IngestedAtMs = 4000 }));

        var incident = Assert.Single(_state.Live(), i => i.State == AlertState.Firing);
        Assert.Equal(incident.IncidentId, again[2].IncidentId);
        Assert.Contains(incident.Members, m => m.AlertId == alerts[2].AlertId);
    }

    [Fact]
    public void An_incident_resolves_with_its_last_alert_and_the_next_one_is_new()
    {
        AlertTransition[] alerts = [Alert(0, 0, 0), Alert(0, 1, 1)];
        Array.ForEach(alerts, a => _state.Take(a));

        _state.Take(Resolved(alerts[0], 10));
        Assert.Equal(AlertState.Firing, Assert.Single(_state.Incidents()).State);
        var last = _state.Take(Resolved(alerts[1], 20));

        var incident = Assert.Single(_state.Incidents());
        Assert.Equal((AlertState.Resolved, 20_000, last.IncidentId), (incident.State, incident.UpdatedAtMs, incident.IncidentId));
        Assert.False(last.Page);
        Assert.True(_state.Take(Alert(0, 0, 30) with { AlertId = AlertId.Parse("again") }).Page);
    }

    [Fact]
    public void A_silenced_alert_never_takes_the_page_of_its_incident()
    {
        Assert.False(_state.Take(Alert(0, 0, 0), silenced: true).Page);
        Assert.True(_state.Take(Alert(1, 0, 0)).Page);
        Assert.False(_state.Take(Alert(2, 0, 0)).Page);
        Assert.Equal(1, Assert.Single(_state.Live()).Pages);
    }

    [Fact]
    public void A_warning_does_not_page_and_leaves_the_page_to_the_first_critical_alert()
    {
        Assert.False(_state.Take(Alert(0, 0, 0, "sw_thermal", AlertSeverity.Warning)).Page);
        Assert.False(_state.Take(Alert(0, 1, 0, "sw_thermal", AlertSeverity.Warning)).Page);
        Assert.True(_state.Take(Alert(0, 2, 0, "hw_thermal")).Page);
        Assert.Equal(AlertSeverity.Critical, Assert.Single(_state.Incidents()).Severity);
    }

    [Fact]
    public void An_alert_that_becomes_critical_later_pages_once()
    {
        var warning = Alert(0, 0, 0, "sw_thermal", AlertSeverity.Warning);
        var critical = warning with { Seq = 2, Severity = AlertSeverity.Critical, IngestedAtMs = 60_000 };
        Assert.False(_state.Take(warning).Page);
        Assert.True(_state.Take(critical).Page);
        Assert.False(_state.Take(critical with { Seq = 3 }).Page);
    }

    [Fact]
    public void A_replay_gets_the_same_answer_and_changes_nothing()
    {
        AlertTransition[] alerts = [Alert(0, 0, 0), Alert(0, 1, 1), Resolved(Alert(0, 0, 0), 2), Resolved(Alert(0, 1, 1), 3)];
        var first = alerts.Select(a => _state.Take(a)).ToList();
        var before = _state.Incidents().Select(i => (i.IncidentId, i.Seq)).ToList();

        var replayed = alerts.Select(a => _state.Take(a)).ToList();

        Assert.Equal(first.Select(s => s.Page), replayed.Select(s => s.Page));
        Assert.All(replayed, s => Assert.False(s.Changes));
        Assert.Equal(before, _state.Incidents().Select(i => (i.IncidentId, i.Seq)));
    }

    [Fact]
    public void With_three_alerts_to_an_incident_the_first_two_page()
    {
        var state = new IncidentState(new IncidentSettings { MinMembers = 3 });

        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(gpu => state.Take(Alert(0, gpu, gpu)).Page));
        Assert.Equal(2, Assert.Single(state.Incidents()).Pages);
    }

    [Fact]
    public void Beyond_the_bound_an_alert_pages_and_is_not_kept()
    {
        var state = new IncidentState(new IncidentSettings { MaxOpenAlerts = 2 });
        state.Take(Alert(0, 0, 0));
        state.Take(Alert(0, 1, 0));

        var over = state.Take(Alert(0, 2, 0));

        Assert.True(over.Page);
        Assert.False(over.Changes);
        Assert.Equal(2, state.OpenAlerts);
    }

    [Fact]
    public void A_gpu_that_flaps_for_days_fills_neither_the_record_nor_the_memory()
    {
        var state = new IncidentState(new IncidentSettings { MaxListedMembers = 10, RememberedAlerts = 1000 });
        state.Take(Alert(0, 0, 0));
        state.Take(Alert(0, 1, 0));
        for (var n = 0; n < 5000; n++)
        {
            var flap = Alert(0, 2, n) with { AlertId = AlertId.Parse($"f{n}") };
            state.Take(flap);
            state.Take(Resolved(flap, n));
        }

        var incident = Assert.Single(state.Incidents());
        Assert.Equal((10, 5002, 1), (incident.Members.Count, incident.MembersTotal, incident.Pages));
        Assert.Equal(2, incident.Members.Count(m => m.State == AlertState.Firing));
        Assert.Equal(2, state.OpenAlerts);
    }

    [Fact]
    public void What_a_broker_has_is_not_published_again_after_a_restart()
    {
        _state.Take(Alert(0, 0, 0));
        var id = _state.Take(Alert(0, 1, 0)).IncidentId!;
        Assert.Equal([id], _state.Unpublished());

        _state.Published(id, _state.Find(id)!.Seq);
        var restarted = IncidentState.Load(new IncidentSettings(), _state.Save());
        Assert.Empty(restarted.Unpublished());
        restarted.Take(Alert(0, 2, 1));
        Assert.Equal([id], restarted.Unpublished());
    }
}
