using System.Text.Json;
using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;
using GpuActors.Engine.Incidents;
using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;
using static GpuActors.Engine.Protocol.IncidentProtocol;

namespace GpuActors.Engine.Tests.Incidents;

public sealed class IncidentActorSpec : ActorSpec
{
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();

    public IncidentActorSpec()
        : base(
            """
            akka.loglevel = WARNING
            akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
            akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
            """
        ) { }

    [Fact]
    public async Task Alerts_of_256_gpus_at_once_are_one_page_and_few_records()
    {
        var actor = Start();

        var decided = await Task.WhenAll(Enumerable.Range(0, 256).Select(n => Ask(actor, Alert(n))));

        Assert.Equal(1, decided.Count(d => d.Page));
        await Eventually.Until(() => Records().Any(r => r.GetProperty("members_total").GetInt32() == 256));
        Assert.InRange(_producer.Delivered.Count, 1, 20);
        Assert.All(_producer.Delivered, r => Assert.Equal(("gpu-incidents", 32), (r.Topic, r.Key!.Length)));
    }

    [Fact]
    public async Task A_fail_over_keeps_every_judgement_and_publishes_nothing_twice()
    {
        var actor = Start();
        var before = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Ask(actor, Alert(n))));
        await Eventually.Until(() => Records().Any(r => r.GetProperty("members_total").GetInt32() == 8));
        await Stop(actor);
        var published = _producer.Delivered.Count;

        actor = Start();
        var after = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Ask(actor, Alert(n))));
        var joined = await Ask(actor, Alert(8));

        Assert.Equal(before.Select(d => d.Page), after.Select(d => d.Page));
        Assert.False(joined.Page);
        Assert.Equal(before[7].IncidentId, joined.IncidentId);
        await Eventually.Until(() => _producer.Delivered.Count == published + 1);
        Assert.Equal(9, Records().Last().GetProperty("members_total").GetInt32());
    }

    [Fact]
    public async Task What_no_broker_had_before_a_fail_over_is_published_after_it()
    {
        _producer.FailDeliveries = int.MaxValue;
        var actor = Start();
        await Task.WhenAll(Enumerable.Range(0, 2).Select(n => Ask(actor, Alert(n))));
        await Stop(actor);
        Assert.Empty(_producer.Delivered);
        _producer.FailDeliveries = 0;

        Start();

        await Eventually.Until(() => Records().Any(r => r.GetProperty("members_total").GetInt32() == 2));
    }

    [Fact]
    public async Task A_snapshot_now_and_then_loses_nothing()
    {
        var actor = Start();
        for (var n = 0; n < 600; n++)
        {
            await Ask(
                actor,
                Alert(n % 8) with
                {
                    AlertId = AlertId.Parse($"x{n / 2}"),
                    Seq = 1 + (n % 2),
                    State = n % 2 == 0 ? AlertState.Firing : AlertState.Resolved,
                }
            );
        }

        var pages = (await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Ask(actor, Alert(n))))).Count(d => d.Page);
        await Stop(actor);
        actor = Start();

        Assert.Equal(1, pages);
        Assert.Equal(1, (await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Ask(actor, Alert(n))))).Count(d => d.Page));
        Assert.True((await actor.Ask<Openness>(new IsOpen(AlertId.Parse("a3")), Eventually.Limit)).Open);
        Assert.False((await actor.Ask<Openness>(new IsOpen(AlertId.Parse("x3")), Eventually.Limit)).Open);
    }

    [Fact]
    public async Task Incidents_can_be_asked_for_the_newest_first()
    {
        var actor = Start();
        await Ask(actor, Alert(0));
        await Ask(actor, Alert(1));
        await Ask(actor, Alert(2, "hw_thermal") with { OpenedAtMs = Given.NoonMs + 1000 });
        var last = await Ask(actor, Alert(3, "hw_thermal") with { OpenedAtMs = Given.NoonMs + 1000 });

        var list = (await actor.Ask<IncidentList>(new GetIncidents(true, 10, 1), Eventually.Limit)).Incidents;

        Assert.Equal(["cooling", "power"], list.Select(i => i.Cause));
        Assert.All(list, i => Assert.Equal((1, 2), (i.Members.Count, i.MembersTotal)));
        Assert.Single((await actor.Ask<IncidentList>(new GetIncidents(true, 1, 1), Eventually.Limit)).Incidents);
        Assert.Equal(2, (await actor.Ask<FoundIncident>(new GetIncident(last.IncidentId!), Eventually.Limit)).Incident!.Members.Count);
        Assert.Null((await actor.Ask<FoundIncident>(new GetIncident("no"), Eventually.Limit)).Incident);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _metrics.Dispose();
    }

    private static AlertTransition Alert(int gpu, string rule = "power_brake") =>
        Given.Alert($"a{gpu}", rule) with
        {
            Gpu = GpuId.Parse($"GPU-{gpu}"),
        };

    private static Task<Decided> Ask(IActorRef actor, AlertTransition alert) =>
        actor.Ask<Decided>(new Decide(alert, false), Eventually.Limit);

    private IActorRef Start() =>
        Sys.ActorOf(
            IncidentActor.Props(
                new IncidentOptions(
                    new IncidentSettings { PublishInterval = TimeSpan.FromMilliseconds(50), JournalTimeout = Eventually.Limit },
                    "gpu-incidents",
                    _producer,
                    _metrics
                )
            )
        );

    private async Task Stop(IActorRef actor)
    {
        await WatchAsync(actor);
        actor.Tell(Finish.Instance);
        await ExpectTerminatedAsync(actor);
    }

    private IEnumerable<JsonElement> Records() => _producer.Delivered.Select(r => JsonDocument.Parse(r.Value!).RootElement);
}
