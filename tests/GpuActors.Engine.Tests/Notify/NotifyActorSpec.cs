using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Notify;
using GpuActors.Testing;
using Xunit;
using static GpuActors.Engine.Protocol.NotifyProtocol;

namespace GpuActors.Engine.Tests.Notify;

public sealed class NotifyActorSpec : ActorSpec
{
    private readonly InMemoryNotifyTopics _topics = new();
    private readonly EngineMetrics _metrics = new();

    public NotifyActorSpec()
        : base("akka.loglevel = ERROR") { }

    [Fact]
    public async Task An_alert_becomes_a_page_and_its_end_another()
    {
        var notify = Notify();
        _topics.Append(Given.Alert("a1"));
        await Eventually.Until(() => _topics.Pages.Count == 1);
        _topics.Append(Given.Alert("a1") with { Seq = 2, State = AlertState.Resolved });
        await Eventually.Until(() => _topics.Pages.Count == 2);

        Assert.Equal([PageReason.Opened, PageReason.Resolved], _topics.Pages.Select(page => page.Reason));
        var incident = Assert.Single(
            (await notify.Ask<IncidentList>(new GetIncidents(OpenOnly: false, 10, 10), Eventually.Limit)).Incidents
        );
        Assert.Equal(_topics.Pages[0].IncidentId, incident.IncidentId);
    }

    [Fact]
    public async Task An_alert_that_resolved_before_notify_was_active_pages_nobody()
    {
        _topics.Append(Given.Alert("a1"), Given.Alert("a1") with { Seq = 2, State = AlertState.Resolved }, Given.Alert("a2"));
        _ = Notify();
        await Eventually.Until(() => _topics.Pages.Count > 0);

        Assert.Equal("a2", Assert.Single(Assert.Single(_topics.Pages).Alerts).AlertId.Value);
    }

    [Fact]
    public async Task A_command_is_answered_when_it_is_published_and_a_refused_one_with_the_reason()
    {
        var notify = Notify();
        _topics.Append(Given.Alert("a1"));
        await Eventually.Until(() => _topics.Pages.Count == 1);

        Assert.Null((await Do(notify, new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", "on it"))).Problem);
        Assert.True((await Do(notify, new AlertControlCommand.Acknowledge(AlertId.Parse("no"), "ann", ""))).IsMissing);

        var list = await notify.Ask<OpenAlertList>(
            new GetOpenAlerts(new Dictionary<string, string> { ["rule"] = "power_brake" }, 10),
            Eventually.Limit
        );
        Assert.Equal(("ann", 1), (Assert.Single(list.Alerts).AcknowledgedBy, list.Total));
        var restored = new NotifyState(new(), new());
        _topics.RestoreInto(restored);
        Assert.Equal("ann", restored.Control.AcknowledgementOf(AlertId.Parse("a1"))!.By);
    }

    [Fact]
    public async Task After_a_failure_it_starts_again_from_what_was_published_and_pages_once()
    {
        _topics.FailPublications = 2;
        var notify = Notify();
        _topics.Append(Given.Alert("a1"));

        await Eventually.Until(() => _topics.Pages.Count == 1);
        await Eventually.Get(() => Do(notify, new AlertControlCommand.Unacknowledge(AlertId.Parse("a1"))), executed => executed.IsMissing);
        Assert.Single(_topics.Pages);
    }

    [Fact]
    public async Task Of_two_that_believe_to_be_active_only_the_newer_one_pages()
    {
        _ = Notify();
        _topics.Append(Given.Alert("a1"));
        await Eventually.Until(() => _topics.Pages.Count == 1);
        var newer = Notify();
        Assert.Null((await Do(newer, new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", ""))).Problem);

        _topics.Append(Given.Alert("a2") with { Gpu = Batches.Gpu(7), Labels = AlertLabels.None });
        await Eventually.Until(() => _topics.Pages.Count == 2);
        Assert.Equal(2, _topics.Pages.Select(page => page.PageId).Distinct().Count());
    }

    protected override void AfterAll()
    {
        _metrics.Dispose();
        base.AfterAll();
    }

    private IActorRef Notify() => Sys.ActorOf(NotifyActor.Props(new NotifyOptions { Connect = _topics.Connect, Metrics = _metrics }));

    private static async Task<Executed> Do(IActorRef notify, AlertControlCommand command)
    {
        while (true)
        {
            try
            {
                return await notify.Ask<Executed>(new Execute(command), TimeSpan.FromSeconds(5));
            }
            catch (AskTimeoutException)
            {
                // It has just failed and starts again.
            }
        }
    }
}
