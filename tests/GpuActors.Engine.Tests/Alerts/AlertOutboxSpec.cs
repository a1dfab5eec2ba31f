using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Alerts;

public sealed class AlertOutboxSpec : ActorSpec
{
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();
    private readonly AlertEnds _ends = new(Batches.Partitions);

    public AlertOutboxSpec()
        : base("akka.loglevel = WARNING") { }

    [Fact]
    public async Task A_transition_is_published_again_until_the_broker_has_it_and_in_order()
    {
        _producer.RefuseOffers = 2;
        _producer.FailDeliveries = 2;
        var outbox = Outbox();
        var tickets = new[] { 1, 2, 3 }.Select(seq => Publish(outbox, Gpu(1), "a", seq)).ToList();

        await Task.WhenAll(tickets).Completes();

        Assert.Equal([1, 2, 3], Published().Select(a => a.Seq));
    }

    [Fact]
    public async Task A_transition_that_was_delivered_is_not_published_again()
    {
        var outbox = Outbox();
        await Publish(outbox, Gpu(1), "a", 1).Completes();
        await Publish(outbox, Gpu(1), "a", 1).Completes();
        await Publish(outbox, Gpu(1), "a", 2).Completes();

        Assert.Equal([1, 2], Published().Select(a => a.Seq));
    }

    [Fact]
    public async Task Two_of_the_same_waiting_are_published_once_and_both_acknowledged()
    {
        _producer.Hold = true;
        var outbox = Outbox();
        var first = Publish(outbox, Gpu(1), "a", 1);
        var second = Publish(outbox, Gpu(1), "a", 1);
        await Eventually.Until(() => _producer.Delivered.Count == 1);
        _producer.Release();

        await Task.WhenAll(first, second).Completes();

        Assert.Single(Published());
    }

    [Fact]
    public async Task An_alert_that_is_too_large_for_the_broker_is_shortened_and_published()
    {
        _producer.MaxBytes = 700;
        var ticket = new BatchTicket(1);
        Outbox().Tell(new OutboxProtocol.Publish(Alert(Gpu(1), "a", 1) with { Summary = new string('x', 2_000) }, ticket));

        await ticket.Done.Completes();

        var alert = Assert.Single(Published());
        Assert.Equal((Gpu(1), "a", 1), (alert.Gpu, alert.AlertId.Value, alert.Seq));
        Assert.StartsWith("xxxxx", alert.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gpu_that_waits_does_not_hold_back_another()
    {
        _producer.Hold = true;
        var outbox = Outbox();
        var first = Publish(outbox, Gpu(1), "a", 1);
        await Eventually.Until(() => _producer.Delivered.Count == 1);
        _producer.Hold = false;

        await Publish(outbox, Gpu(2), "b", 1).Completes();

        Assert.False(first.IsCompleted);
        _producer.Release();
        await first.Completes();
    }

    [Fact]
    public async Task A_record_carries_the_place_of_its_host()
    {
        var ticket = new BatchTicket(1);
        Outbox()
            .Tell(
                new OutboxProtocol.Publish(
                    Alert(Gpu(1), "a", 1) with
                    {
                        Labels = AlertLabels.None.With(AlertLabelNames.Host, "r7-n1"),
                    },
                    ticket
                )
            );
        await ticket.Done.Completes();

        Assert.Equal("r7", Assert.Single(Published()).Labels["rack"]);
    }

    [Fact]
    public async Task What_the_topic_holds_already_is_not_published_again()
    {
        var outbox = Outbox();
        outbox.Tell(new OutboxProtocol.ShardCame(Shard(1), [Alert(Gpu(1), "a", 1)]));

        await Task.WhenAll(Publish(outbox, Gpu(1), "a", 1), Publish(outbox, Gpu(1), "a", 2)).Completes();

        Assert.Equal(2, Assert.Single(Published()).Seq);
        Assert.Equal(1, _ends[Shard(1)]);
    }

    [Fact]
    public async Task Transitions_are_remembered_for_two_checkpoints()
    {
        var outbox = Outbox();
        await Publish(outbox, Gpu(1), "a", 1).Completes();
        outbox.Tell(new OutboxProtocol.CheckpointWritten(Shard(1)));
        await Publish(outbox, Gpu(1), "a", 1).Completes();
        outbox.Tell(new OutboxProtocol.CheckpointWritten(Shard(1)));
        Assert.Single(Published());

        await Publish(outbox, Gpu(1), "a", 1).Completes();

        Assert.Equal(2, Published().Count());
    }

    [Fact]
    public async Task Who_awaits_the_delivery_of_a_shard_hears_of_it_when_all_of_it_is_delivered()
    {
        _producer.Hold = true;
        var outbox = Outbox();
        _ = Publish(outbox, Gpu(1), "a", 1);
        _ = Publish(outbox, Gpu(1), "a", 2);
        outbox.Tell(new OutboxProtocol.AwaitDelivery(Shard(1)), TestActor);
        outbox.Tell(new OutboxProtocol.AwaitDelivery((Shard(1) + 1) % Batches.Partitions), TestActor);
        await ExpectMsgAsync<OutboxProtocol.AllDelivered>(Eventually.Limit);
        await ExpectNoMsgAsync(TimeSpan.Zero);

        _producer.Release();

        await ExpectMsgAsync<OutboxProtocol.AllDelivered>(Eventually.Limit);
        Assert.Equal([1, 2], Published().Select(a => a.Seq));
    }

    [Fact]
    public async Task A_shard_that_was_lost_publishes_nothing_more_and_no_checkpoint_of_it_goes_on()
    {
        _producer.RefuseOffers = 1;
        var outbox = Outbox();
        var ticket = Publish(outbox, Gpu(1), "a", 1);
        outbox.Tell(new OutboxProtocol.AwaitDelivery(Shard(1)), TestActor);
        outbox.Tell(new OutboxProtocol.ShardLost(Shard(1)));
        await ticket.Completes();

        await Publish(outbox, Gpu(2), "b", 1).Completes();

        Assert.Equal("b", Assert.Single(Published()).AlertId.Value);
        await ExpectNoMsgAsync(TimeSpan.Zero);
    }

    protected override void AfterAll()
    {
        _metrics.Dispose();
        base.AfterAll();
    }

    private static GpuId Gpu(int n) => Batches.Gpu(n);

    private static int Shard(int n) => Murmur2.Partition(Gpu(n), Batches.Partitions);

    private IActorRef Outbox()
    {
        var topology = new FleetTopology(new TopologySettings { HostPattern = "^(?<rack>r[0-9]+)-" });
        return Sys.ActorOf(AlertOutbox.Props(new AlertSettings(), topology, _producer, _metrics, _ends, Batches.Partitions));
    }

    private static Task Publish(IActorRef outbox, GpuId gpu, string id, int seq)
    {
        var ticket = new BatchTicket(1);
        outbox.Tell(new OutboxProtocol.Publish(Alert(gpu, id, seq), ticket));
        return ticket.Done;
    }

    private IEnumerable<AlertTransition> Published() => _producer.Delivered.Select(r => AlertCodec.Read(r.Value!));

    private static AlertTransition Alert(GpuId gpu, string id, int seq) =>
        Given.Alert(id) with
        {
            Seq = seq,
            State = seq % 2 == 1 ? AlertState.Firing : AlertState.Resolved,
            Gpu = gpu,
        };
}
