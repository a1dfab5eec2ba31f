using Akka.Actor;
using Akka.TestKit;
using GpuActors.Core.Alerts;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Core.Topology;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using GpuActors.Testing;
using Xunit;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Tests.Gpus;

/// <summary>The shell around a GPU's state: what it waits for before its first sample, and what it hands on.</summary>
public sealed class GpuActorSpec : ActorSpec
{
    private readonly EngineMetrics _metrics = new();
    private readonly RuleBook _rules = new(new RuleSettings { Absence = new AbsenceSettings { MinSamples = 1 } });
    private readonly GpuRoutes _routes = new(new GpuRegistry());
    private readonly TestProbe _outbox;
    private readonly TestProbe _checkpoints;
    private readonly TestProbe _hosts;

    public GpuActorSpec()
        : base("akka.loglevel = WARNING")
    {
        _outbox = CreateTestProbe();
        _checkpoints = CreateTestProbe();
        _hosts = CreateTestProbe();
    }

    [Fact]
    public async Task Samples_wait_for_the_state_of_the_last_run_and_are_applied_to_it()
    {
        var earlier = new GpuState(Batches.Gpu(1));
        Assert.True(earlier.Apply(Batches.Of(_routes.Registry, 0, 0, (1, 0, 0)).Samples[0], new RuleSettings(), []));
        var gpu = Gpu();
        var ticket = Ingest(gpu, offset: 1);
        await _checkpoints.ExpectMsgAsync<CheckpointProtocol.Load>();
        Assert.False(ticket.Done.IsCompleted);

        gpu.Tell(new CheckpointProtocol.Loaded(new RestoredGpu(Batches.Gpu(1), 0) { State = earlier }, 1, [], []));

        await ticket.Done.Completes();
        Assert.Equal(2, (await Status(gpu))!.Samples);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_reported_and_the_gpu_starts_with_empty_windows()
    {
        var gpu = Gpu();
        var ticket = Ingest(gpu, offset: 0);

        await EventFilter
            .Warning(contains: "empty windows")
            .ExpectOneAsync(() =>
            {
                gpu.Tell(new CheckpointProtocol.Loaded(Damaged(), 1, [], []));
                return Task.CompletedTask;
            });

        await ticket.Done.Completes();
        Assert.Equal(1, (await Status(gpu))!.Samples);
    }

    [Fact]
    public async Task Without_its_state_a_gpu_has_its_open_alerts_and_gets_the_state_later()
    {
        var earlier = new GpuState(Batches.Gpu(1));
        for (var i = 0; i < 5; i++)
        {
            Assert.True(earlier.Apply(Batches.Of(_routes.Registry, 0, i, (1, i, 0)).Samples[0], new RuleSettings(), []));
        }

        var gpu = Gpu();
        gpu.Tell(new CheckpointProtocol.Loaded(null, 1, [], [Given.Alert() with { Gpu = Batches.Gpu(1) }]));
        await Ingest(gpu, offset: 6).Done.Completes();
        Assert.Equal("power_brake", Assert.Single((await Status(gpu))!.OpenAlerts).Rule);

        gpu.Tell(new CheckpointProtocol.Recovered(earlier));

        Assert.Equal(6, (await Status(gpu))!.Samples);
    }

    [Fact]
    public async Task A_retired_gpu_resolves_its_alerts_forgets_its_state_and_stops()
    {
        var gpu = Gpu();
        gpu.Tell(new CheckpointProtocol.Loaded(null, 1, [], []));
        await _checkpoints.ExpectMsgAsync<CheckpointProtocol.Load>();
        for (var second = 0; second < 3; second++)
        {
            _ = Ingest(gpu, second, mask: 0x80);
        }

        var opened = (await _outbox.ExpectMsgAsync<OutboxProtocol.Publish>()).Transition;
        Assert.False((await gpu.Ask<Retired>(new Retire(RetireScope.Host, "n2"), Eventually.Limit)).IsRetired);

        Assert.True((await gpu.Ask<Retired>(new Retire(RetireScope.Host, "n1"), Eventually.Limit)).IsRetired);

        var resolved = (await _outbox.ExpectMsgAsync<OutboxProtocol.Publish>()).Transition;
        Assert.Equal((opened.AlertId, 2, AlertState.Resolved), (resolved.AlertId, resolved.Seq, resolved.State));
        Assert.EndsWith("is retired", resolved.Summary, StringComparison.Ordinal);
        Assert.Equal(Batches.Gpu(1), (await _checkpoints.ExpectMsgAsync<CheckpointProtocol.Retired>()).Gpu);
        Assert.Equal(Batches.Gpu(1), (await _hosts.FishForMessageAsync<HostProtocol.GpuRetired>(_ => true)).Gpu);
    }

    [Fact]
    public async Task The_status_follows_the_rules_in_force()
    {
        var gpu = Gpu();
        gpu.Tell(new CheckpointProtocol.Loaded(null, 1, [], []));
        Assert.Null(await Status(gpu));
        for (var second = 0; second < 3; second++)
        {
            _ = Ingest(gpu, second, mask: 0x80);
        }

        Assert.Equal(GpuHealth.Critical, (await Status(gpu))!.Health);

        var rules = _rules.Current;
        var milder = rules.Of(RuleCatalog.PowerBrake) with { Severity = AlertSeverity.Warning };
        _rules.Replace(rules.With(RuleCatalog.PowerBrake, milder));
        var status = (await Status(gpu))!;
        Assert.Equal(GpuHealth.Warning, status.Health);
        Assert.Equal(("power_brake", AlertSeverity.Warning), (status.OpenAlerts[0].Rule, status.OpenAlerts[0].Severity));
    }

    [Fact]
    public async Task A_gpu_adds_its_state_to_a_checkpoint_once_it_has_one()
    {
        var gpu = Gpu();
        gpu.Tell(new CheckpointProtocol.Loaded(null, 1, [], []));
        using var draft = new CheckpointDraft(1, 0);

        var empty = await gpu.Ask<CheckpointProtocol.StateSaved>(new CheckpointProtocol.SaveState(draft, 3), Eventually.Limit);
        Assert.Equal((false, 0), (empty.Any, draft.Pieces.Count));
        await Ingest(gpu, offset: 0).Done.Completes();
        Assert.True((await gpu.Ask<CheckpointProtocol.StateSaved>(new CheckpointProtocol.SaveState(draft, 3), Eventually.Limit)).Any);

        var restore = new CheckpointRestore();
        foreach (var piece in draft.Pieces)
        {
            restore.Take(piece);
        }

        Assert.Equal((3, 1L), (restore.Gpus[Batches.Gpu(1)].Slot, restore.Gpus[Batches.Gpu(1)].State!.Samples));
    }

    [Fact]
    public async Task A_hand_off_leaves_the_routes_and_stops()
    {
        var gpu = Gpu();
        gpu.Tell(new CheckpointProtocol.Loaded(null, 1, [], []));
        await Ingest(gpu, offset: 0).Done.Completes();
        await _checkpoints.ExpectMsgAsync<CheckpointProtocol.Load>();
        Assert.Equal(1, _routes.Count);
        await WatchAsync(gpu);

        gpu.Tell(HandOff.Instance);

        await ExpectTerminatedAsync(gpu);
        Assert.Equal(0, _routes.Count);
    }

    [Fact]
    public async Task A_absent_gpu_asks_its_host_why_and_the_alert_says_so()
    {
        var gpu = await AbsentGpu();
        gpu.Tell(new CheckAbsence(Batches.Gpu(1), 1_000_000_000_000_001));

        await _hosts.ExpectMsgAsync<HostProtocol.Report>();
        var question = await _hosts.ExpectMsgAsync<HostProtocol.BecameAbsent>();
        await _hosts.ExpectNoMsgAsync(TimeSpan.Zero);
        gpu.Tell(new HostProtocol.AbsenceVerdict(question.Gpu, question.NowMs, RuleCatalog.GpuLost));

        var alert = (await _outbox.ExpectMsgAsync<OutboxProtocol.Publish>()).Transition;
        Assert.Equal(RuleCatalog.GpuLost.Id, alert.Rule);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_asked_five_times_before_the_alert_says_that_the_gpu_alone_is_absent()
    {
        var gpu = await AbsentGpu();

        var alert = (await _outbox.ExpectMsgAsync<OutboxProtocol.Publish>(Eventually.Limit)).Transition;
        Assert.Equal(RuleCatalog.GpuAbsent.Id, alert.Rule);
        await _hosts.ExpectMsgAsync<HostProtocol.Report>();
        for (var questions = 0; questions < 5; questions++)
        {
            await _hosts.ExpectMsgAsync<HostProtocol.BecameAbsent>();
        }

        await _hosts.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_late_answer_of_the_host_is_the_cause()
    {
        var gpu = await AbsentGpu();
        await _hosts.ExpectMsgAsync<HostProtocol.Report>();
        await _hosts.ExpectMsgAsync<HostProtocol.BecameAbsent>();

        var again = await _hosts.ExpectMsgAsync<HostProtocol.BecameAbsent>(Eventually.Limit);
        gpu.Tell(new HostProtocol.AbsenceVerdict(again.Gpu, again.NowMs, RuleCatalog.GpuLost));

        Assert.Equal(RuleCatalog.GpuLost.Id, (await _outbox.ExpectMsgAsync<OutboxProtocol.Publish>()).Transition.Rule);
    }

    // What a checkpoint gives back of bytes that are no state.
    private static RestoredGpu Damaged()
    {
        using var draft = new CheckpointDraft(1, 0);
        draft.Add(Batches.Gpu(1), 0, new GpuState(Batches.Gpu(1)));
        var bytes = draft.Pieces.Single(piece => piece.Part == CheckpointPart.States).Bytes.ToArray();
        bytes.AsSpan(sizeof(int) + 2 + Batches.Gpu(1).Value.Length).Fill(255);
        var restore = new CheckpointRestore();
        restore.Take(new CheckpointPiece(CheckpointPart.States, 1, bytes));
        return restore.Gpus[Batches.Gpu(1)];
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _metrics.Dispose();
    }

    // A GPU that has sent a sample and is then asked about its absence.
    private async Task<IActorRef> AbsentGpu()
    {
        var gpu = Gpu();
        gpu.Tell(new CheckpointProtocol.Loaded(null, 1, [], []));
        await Ingest(gpu, offset: 0).Done.Completes();
        gpu.Tell(new CheckAbsence(Batches.Gpu(1), 1_000_000_000_000_000));
        return gpu;
    }

    private IActorRef Gpu() =>
        Sys.ActorOf(
            GpuActor.Props(
                Batches.Gpu(1),
                new GpuServices(
                    _rules,
                    _routes,
                    new FleetTopology(new TopologySettings()),
                    _outbox,
                    _hosts,
                    _checkpoints,
                    new EpochLog(Sys, "here"),
                    _metrics,
                    TimeProvider.System
                )
            )
        );

    private BatchTicket Ingest(IActorRef gpu, long offset, int mask = 0)
    {
        var ticket = new BatchTicket(1);
        gpu.Tell(new IngestSamples(Batches.Of(_routes.Registry, 0, offset, (1, (int)offset, mask)).Samples[0], 1, ticket));
        return ticket;
    }

    private static async Task<GpuStatus?> Status(IActorRef gpu) =>
        (await gpu.Ask<CurrentStatus>(new GetStatus(Batches.Gpu(1)), Eventually.Limit)).Status;
}
