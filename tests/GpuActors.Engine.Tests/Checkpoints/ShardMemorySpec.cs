using Akka.Actor;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Shards;
using GpuActors.Testing;
using Xunit;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Tests.Checkpoints;

/// <summary>What a shard remembers over nodes: checkpoints in a SQLite file, and what its partition of the alert topic holds.</summary>
public sealed class ShardMemorySpec : IDisposable
{
    private static readonly GpuId Gpu = Batches.Gpu(1);
    private static readonly int Shard = Murmur2.Partition(Gpu, Batches.Partitions);
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;

    [Fact]
    public async Task A_node_that_was_cut_off_overwrites_nothing_of_its_successors()
    {
        using var system = await OneNode.StartAsync(_folder);

        var cutOff = Keeper(system);
        await Write(cutOff, 50, 1);
        await Write(Keeper(system), 100, 2);

        await Write(cutOff, 70, 3);

        Assert.Equal([2], await Read(Keeper(system)));
    }

    [Fact]
    public async Task A_partition_that_comes_back_is_read_anew_from_the_database()
    {
        using var system = await OneNode.StartAsync(_folder);
        var here = Keeper(system);
        await Write(here, 50, 1);
        await Write(Keeper(system), 100, 2);
        Assert.Equal([1], await Read(here));

        await here.Ask<Opened>(new Open(Shard), Eventually.Limit);

        Assert.Equal([2], await Read(here));
    }

    [Fact]
    public async Task The_offset_of_the_logs_and_the_end_of_the_alerts_are_kept_with_the_states()
    {
        using var system = await OneNode.StartAsync(_folder);
        await Write(Keeper(system), 50, 1, logOffset: 7, alertOffset: 3);
        var history = new History(new AlertHistory(9, []));

        var opened = await Keeper(system, history).Ask<Opened>(new Open(Shard), Eventually.Limit);

        Assert.Equal(7, opened.LogOffset);
        Assert.Equal((Shard, (long?)3), Assert.Single(history.Asked));
    }

    [Fact]
    public async Task The_outbox_knows_what_was_published_before_the_first_gpu_starts()
    {
        using var system = await OneNode.StartAsync(_folder);
        var told = new TaskCompletionSource<OutboxProtocol.ShardCame>();
        var outbox = system.ActorOf(Props.Create(() => new Listener(told)));
        var ends = new AlertEnds(Batches.Partitions);
        var keeper = Keeper(system, new History(new AlertHistory(9, [])), outbox, ends);

        await keeper.Ask<Loaded>(new Load(Gpu), Eventually.Limit);

        Assert.Equal(Shard, (await told.Task.Completes()).Partition);
        Assert.Equal(9, ends[Shard]);
    }

    [Fact]
    public async Task An_alert_topic_that_can_not_be_read_is_waited_for()
    {
        using var system = await OneNode.StartAsync(_folder);
        await Write(Keeper(system), 50, 1);
        var history = new History(new AlertHistory(0, [])) { Failures = 1 };

        Assert.Equal([1], await Read(Keeper(system, history)));

        Assert.Equal(2, history.Asked.Count);
    }

    [Fact]
    public async Task A_database_that_can_not_be_read_delays_no_gpu_and_the_alert_topic_is_read_all_the_same()
    {
        using var system = await OneNode.StartAsync(Path.Combine(_folder, "there", "is", "no", "such", "folder"));
        var history = new History(new AlertHistory(0, []));

        Assert.Empty(await Read(Keeper(system, history, timeout: TimeSpan.FromMilliseconds(300))));

        Assert.Equal((Shard, null), Assert.Single(history.Asked));
    }

    [Fact]
    public void A_checkpoint_comes_back_as_it_was_and_one_of_a_newer_version_is_refused()
    {
        var snapshot = new ShardSnapshot(5, null, 8, new Dictionary<GpuId, byte[]> { [Gpu] = [1, 2, 3] });

        var copy = ShardSnapshot.Load(snapshot.Save());

        Assert.Equal((5, null, 8L), (copy.Epoch, copy.LogOffset, copy.AlertOffset));
        Assert.Equal([1, 2, 3], copy.States[Gpu]);
        Assert.Contains(
            "version 99",
            Assert.Throws<InvalidDataException>(() => ShardSnapshot.Load([99])).Message,
            StringComparison.Ordinal
        );
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static IActorRef Keeper(
        ActorSystem system,
        IAlertHistory? history = null,
        IActorRef? outbox = null,
        AlertEnds? ends = null,
        TimeSpan? timeout = null
    ) =>
        system.ActorOf(
            CheckpointKeeper.Props(
                Batches.Partitions,
                new ShardMemoryOptions(
                    outbox ?? ActorRefs.Nobody,
                    ends ?? new AlertEnds(Batches.Partitions),
                    history,
                    1000,
                    timeout ?? Eventually.Limit,
                    TimeProvider.System
                )
            )
        );

    private static async Task Write(IActorRef keeper, long offset, byte content, long? logOffset = null, long alertOffset = 0)
    {
        keeper.Tell(new Save(Gpu, [content]));
        Assert.True((await keeper.Ask<Flushed>(new Flush(Shard, offset, logOffset, alertOffset), Eventually.Limit)).Written);
    }

    private static async Task<byte[]> Read(IActorRef keeper) => (await keeper.Ask<Loaded>(new Load(Gpu), Eventually.Limit)).Snapshot;

    private sealed class History(AlertHistory answer) : IAlertHistory
    {
        public List<(int Partition, long? From)> Asked { get; } = [];

        public int Failures { get; set; }

        public Task<AlertHistory> ReadAsync(int partition, long? fromOffset, int atMost, CancellationToken cancellationToken)
        {
            Asked.Add((partition, fromOffset));
            return Failures-- > 0
                ? Task.FromException<AlertHistory>(new InvalidOperationException("no right to read it"))
                : Task.FromResult(answer);
        }
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource<OutboxProtocol.ShardCame> told) =>
            Receive<OutboxProtocol.ShardCame>(came => told.TrySetResult(came));
    }
}
