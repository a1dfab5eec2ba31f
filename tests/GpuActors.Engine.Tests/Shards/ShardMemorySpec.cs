using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Messaging;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Shards;
using GpuActors.Testing;
using Xunit;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Tests.Shards;

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
        Assert.True(await Write(system, cutOff, 50, samples: 1));
        var successor = Keeper(system);
        Assert.True(await Write(system, successor, 100, samples: 2));

        Assert.False(await Write(system, cutOff, 70, samples: 3));
        Assert.False(await Write(system, cutOff, 170, samples: 3));

        Assert.Equal(2, await Read(Keeper(system)));
        Assert.True(await Write(system, successor, 110, samples: 4));
        Assert.Equal(4, await Read(Keeper(system)));
    }

    [Fact]
    public async Task A_node_whose_predecessor_wrote_after_it_had_read_replaces_that_once_it_is_as_far()
    {
        using var system = await OneNode.StartAsync(_folder);
        var before = Keeper(system);
        Assert.True(await Write(system, before, 50, samples: 1));
        var now = Keeper(system);
        await now.Ask<Opened>(new Open(Shard), Eventually.Limit);
        Assert.True(await Write(system, before, 100, samples: 2));

        Assert.False(await Write(system, now, 90, samples: 1));
        Assert.False(await Write(system, now, 95, samples: 1));
        Assert.True(await Write(system, now, 120, samples: 3));

        Assert.Equal(3, await Read(Keeper(system)));
    }

    [Fact]
    public async Task A_partition_that_comes_back_is_read_anew_from_the_database()
    {
        using var system = await OneNode.StartAsync(_folder);
        var here = Keeper(system);
        await Write(system, here, 50, samples: 1);
        await Write(system, Keeper(system), 100, samples: 2);

        await here.Ask<Opened>(new Open(Shard), Eventually.Limit);

        Assert.Equal(2, await Read(here));
    }

    [Fact]
    public async Task A_gpu_whose_actor_starts_anew_gets_the_state_of_the_last_checkpoint()
    {
        using var system = await OneNode.StartAsync(_folder);
        var keeper = Keeper(system);
        await Write(system, keeper, 50, samples: 1);

        Assert.Equal(1, await Read(keeper));
        Assert.Equal(1, await Read(keeper));
    }

    [Fact]
    public async Task Gpus_that_have_not_started_are_in_the_next_checkpoint_too()
    {
        using var system = await OneNode.StartAsync(_folder);
        var others = Enumerable
            .Range(2, 1000)
            .Select(Batches.Gpu)
            .Where(gpu => Murmur2.Partition(gpu, Batches.Partitions) == Shard)
            .Take(3);
        var gpus = others.Prepend(Gpu).ToList();
        var first = Keeper(system);
        Assert.True(await Write(system, first, 50, samples: 1, gpus: gpus));

        var second = Keeper(system);
        Assert.True(await Write(system, second, 60, samples: 2));

        var third = Keeper(system);
        var opened = await third.Ask<Opened>(new Open(Shard), Eventually.Limit);
        Assert.Equal(
            gpus.Order(Comparer<GpuId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))),
            opened.Gpus.Order(Comparer<GpuId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value)))
        );
        Assert.Equal(2, await Read(third));
        Assert.Equal(1, (await third.Ask<Loaded>(new Load(gpus[^1]), Eventually.Limit)).Kept!.State!.Samples);
    }

    [Fact]
    public async Task Without_the_actors_of_kept_gpus_nothing_is_written()
    {
        using var system = await OneNode.StartAsync(_folder);
        var keeper = Keeper(system);
        Assert.True(await Write(system, keeper, 50, samples: 1));

        Assert.False((await keeper.Ask<Flushed>(new Flush(Shard, 60, null, 0, []), Eventually.Limit)).Written);

        Assert.Equal(1, await Read(Keeper(system)));
    }

    [Fact]
    public async Task A_gpu_that_is_starting_is_asked_although_nobody_knows_its_actor_yet()
    {
        using var system = await OneNode.StartAsync(_folder);
        await Write(system, Keeper(system), 50, samples: 1);
        var keeper = Keeper(system);
        var gpu = system.ActorOf(Props.Create(() => new FakeGpu(Gpu, State(2))));
        keeper.Tell(new Load(Gpu), gpu);

        Assert.True((await keeper.Ask<Flushed>(new Flush(Shard, 60, null, 0, []), Eventually.Limit)).Written);

        Assert.Equal(2, await Read(Keeper(system)));
    }

    [Fact]
    public async Task The_offset_of_the_logs_and_the_end_of_the_alerts_are_kept_with_the_states()
    {
        using var system = await OneNode.StartAsync(_folder);
        await Write(system, Keeper(system), 50, samples: 1, logOffset: 7, alertOffset: 3);
        var history = new History(new AlertHistory(9, [], []));

        var opened = await Keeper(system, history).Ask<Opened>(new Open(Shard), Eventually.Limit);

        Assert.Equal((50, 7), (opened.Offset, opened.LogOffset));
        Assert.Equal((Shard, (long?)3), Assert.Single(history.Asked));
    }

    [Fact]
    public async Task The_outbox_knows_what_was_published_before_the_first_gpu_starts()
    {
        using var system = await OneNode.StartAsync(_folder);
        var told = new TaskCompletionSource<OutboxProtocol.ShardCame>();
        var outbox = system.ActorOf(Props.Create(() => new Outbox(told)));
        var ends = new AlertEnds(Batches.Partitions);
        var keeper = Keeper(system, new History(new AlertHistory(9, [], [])), outbox, ends);

        await keeper.Ask<Loaded>(new Load(Gpu), Eventually.Limit);

        Assert.Equal(Shard, (await told.Task.Completes()).Partition);
        Assert.Equal(9, ends[Shard]);
    }

    [Fact]
    public async Task An_alert_topic_that_can_not_be_read_is_waited_for()
    {
        using var system = await OneNode.StartAsync(_folder);
        await Write(system, Keeper(system), 50, samples: 1);
        var history = new History(new AlertHistory(0, [], [])) { Failures = 1 };

        Assert.Equal(1, await Read(Keeper(system, history)));

        Assert.Equal(2, history.Asked.Count);
    }

    [Fact]
    public async Task A_database_that_can_not_be_read_delays_no_gpu_and_the_alert_topic_is_read_all_the_same()
    {
        using var system = await OneNode.StartAsync(_folder);
        var history = new History(new AlertHistory(0, [], []));
        var store = new FakeStore();

        Assert.Null(await Read(Keeper(system, history, timeout: TimeSpan.FromMilliseconds(300), store: store)));

        Assert.Equal((Shard, null), Assert.Single(history.Asked));
    }

    [Fact]
    public async Task A_gpu_that_starts_without_its_state_gets_its_open_alerts_at_once_and_the_state_when_the_database_is_back()
    {
        using var system = await OneNode.StartAsync(_folder);
        await Write(system, Keeper(system), 50, samples: 5);
        var store = new FakeStore { Inner = OneNode.Checkpoints(_folder), Error = new IOException("the database is away") };
        var open = Given.Alert() with { Gpu = Gpu };
        var keeper = Keeper(system, new History(new AlertHistory(9, [], [open])), store: store);
        var told = new TaskCompletionSource<Recovered>(TaskCreationOptions.RunContinuationsAsynchronously);
        var loaded = new TaskCompletionSource<Loaded>(TaskCreationOptions.RunContinuationsAsynchronously);
        var gpu = system.ActorOf(Props.Create(() => new StartingGpu(loaded, told)));

        keeper.Tell(new Load(Gpu), gpu);

        Assert.Equal((null, open), ((await loaded.Task.Completes()).Kept, Assert.Single((await loaded.Task.Completes()).Open)));
        Assert.Equal([Gpu], (await keeper.Ask<Opened>(new Open(Shard), Eventually.Limit)).Gpus);
        keeper.Tell(new Load(Gpu), gpu);
        store.Error = null;
        await Eventually.Until(async () =>
        {
            await keeper.Ask<Flushed>(new Flush(Shard, 60, null, 0, []), Eventually.Limit);
            return told.Task.IsCompleted;
        });
        Assert.Equal(5, (await told.Task).Saved.Samples);
    }

    [Fact]
    public async Task Gpus_that_started_while_the_database_was_away_do_not_take_the_slots_of_those_that_did_not()
    {
        using var system = await OneNode.StartAsync(_folder);
        var gpus = Enumerable
            .Range(2, 1000)
            .Select(Batches.Gpu)
            .Where(gpu => Murmur2.Partition(gpu, Batches.Partitions) == Shard)
            .Take(3)
            .Prepend(Gpu)
            .ToList();
        await Write(system, Keeper(system), 50, samples: 5, gpus: [gpus[0], gpus[1]]);
        var store = new FakeStore { Inner = OneNode.Checkpoints(_folder), Error = new IOException("the database is away") };
        var keeper = Keeper(system, store: store);
        Assert.Null((await keeper.Ask<Loaded>(new Load(gpus[2]), Eventually.Limit)).Kept);
        Assert.Null((await keeper.Ask<Loaded>(new Load(gpus[1]), Eventually.Limit)).Kept);

        store.Error = null;
        await Eventually.Until(() => Write(system, keeper, 60, samples: 7, gpus: [gpus[1], gpus[2], gpus[3]]));

        var after = Keeper(system);
        foreach (var (gpu, samples) in gpus.Zip([5L, 7, 7, 7]))
        {
            var kept = (await after.Ask<Loaded>(new Load(gpu), Eventually.Limit)).Kept;
            Assert.Equal((gpu, samples), (kept?.Gpu, kept?.State?.Samples));
        }
    }

    [Fact]
    public async Task A_retired_gpu_is_in_no_later_checkpoint_and_starts_anew()
    {
        using var system = await OneNode.StartAsync(_folder);
        var open = Given.Alert() with { Gpu = Gpu };
        var keeper = Keeper(system, new History(new AlertHistory(9, [open], [open])));
        Assert.True(await Write(system, keeper, 50, samples: 5));
        Assert.Equal(5, await Read(Keeper(system)));

        keeper.Tell(new Retired(Gpu));
        Assert.True((await keeper.Ask<Flushed>(new Flush(Shard, 60, null, 0, []), Eventually.Limit)).Written);

        var again = await keeper.Ask<Loaded>(new Load(Gpu), Eventually.Limit);
        Assert.Equal((null, 0, 0), (again.Kept, again.Published.Count, again.Open.Count));
        Assert.Null(await Read(Keeper(system)));
    }

    [Fact]
    public async Task A_database_that_fails_is_read_again_before_anything_is_written()
    {
        using var system = await OneNode.StartAsync(_folder);
        await Write(system, Keeper(system), 50, samples: 5);
        var store = new FakeStore { Inner = OneNode.Checkpoints(_folder), Error = new IOException("the database is away") };
        var keeper = Keeper(system, store: store);
        Assert.Null(await Read(keeper));
        Assert.False(await Write(system, keeper, 60, samples: 6));

        store.Error = null;
        while (!await Write(system, keeper, 60, samples: 6))
        {
            await Task.Yield();
        }

        Assert.Equal(6, await Read(Keeper(system)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IActorRef Keeper(
        ActorSystem system,
        IAlertHistory? history = null,
        IActorRef? outbox = null,
        AlertEnds? ends = null,
        TimeSpan? timeout = null,
        ICheckpointStore? store = null
    ) =>
        system.ActorOf(
            CheckpointKeeper.Props(
                Batches.Partitions,
                new ShardMemoryOptions(
                    store ?? OneNode.Checkpoints(_folder),
                    outbox ?? system.ActorOf(Props.Create(() => new Outbox(new()))),
                    ends ?? new AlertEnds(Batches.Partitions),
                    history,
                    1000,
                    timeout ?? TimeSpan.FromSeconds(20),
                    TimeProvider.System
                )
            )
        );

    private static async Task<bool> Write(
        ActorSystem system,
        IActorRef keeper,
        long offset,
        int samples,
        long? logOffset = null,
        long alertOffset = 0,
        IReadOnlyList<GpuId>? gpus = null
    )
    {
        var actors = (gpus ?? [Gpu]).Select(gpu => (gpu, system.ActorOf(Props.Create(() => new FakeGpu(gpu, State(samples)))))).ToList();
        return (await keeper.Ask<Flushed>(new Flush(Shard, offset, logOffset, alertOffset, actors), Eventually.Limit)).Written;
    }

    private static async Task<long?> Read(IActorRef keeper) =>
        (await keeper.Ask<Loaded>(new Load(Gpu), Eventually.Limit)).Kept?.State?.Samples;

    private static GpuState State(int samples)
    {
        var state = new GpuState(Gpu);
        for (var i = 0; i < samples; i++)
        {
            state.Apply(Batches.Of(new GpuRegistry(), Shard, i, (1, i, 0)).Samples[0], new RuleSettings(), []);
        }

        return state;
    }

    private sealed class FakeGpu : ReceiveActor
    {
        public FakeGpu(GpuId gpu, GpuState state)
        {
            Receive<Loaded>(_ => { });
            Receive<SaveState>(save =>
            {
                save.Draft.Add(gpu, save.Slot, state);
                Sender.Tell(new StateSaved(gpu, true));
            });
        }
    }

    private sealed class StartingGpu : ReceiveActor
    {
        public StartingGpu(TaskCompletionSource<Loaded> loaded, TaskCompletionSource<Recovered> recovered)
        {
            Receive<Loaded>(message => loaded.TrySetResult(message));
            Receive<Recovered>(message => recovered.TrySetResult(message));
            Receive<SaveState>(save => Sender.Tell(new StateSaved(Gpu, false)));
        }
    }

    private sealed class FakeStore : ICheckpointStore
    {
        public ICheckpointStore? Inner { get; init; }

        public Exception? Error { get; set; }

        // Without a store behind it, it hangs, as a network does that drops everything.
        public async Task<CheckpointHead?> ReadAsync(int shard, Action<CheckpointPiece> take, CancellationToken cancellationToken)
        {
            if (Error is { } error)
            {
                throw error;
            }

            if (Inner is null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            return await Inner!.ReadAsync(shard, take, cancellationToken);
        }

        public Task WriteAsync(
            CheckpointHead head,
            IReadOnlyList<CheckpointPiece> pieces,
            long minutesFrom,
            long hoursFrom,
            CancellationToken cancellationToken
        ) => Inner!.WriteAsync(head, pieces, minutesFrom, hoursFrom, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

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

    private sealed class Outbox : ReceiveActor
    {
        public Outbox(TaskCompletionSource<OutboxProtocol.ShardCame> told)
        {
            Receive<OutboxProtocol.ShardCame>(came => told.TrySetResult(came));
            Receive<OutboxProtocol.AwaitDelivery>(_ => Sender.Tell(OutboxProtocol.AllDelivered.Instance));
        }
    }
}
