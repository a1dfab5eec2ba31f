using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Streams.Dsl;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Composition;

/// <summary>DETECT on a real one-node cluster, from batches to alert records, with checkpoints in a SQLite file.</summary>
public sealed class DetectEngineSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly GpuRegistry _registry = new();
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();

    [Fact]
    public async Task Every_sample_reaches_its_gpu_and_every_batch_is_done_in_order()
    {
        using var system = await Cluster();
        var done = new List<long>();
        var batches = Enumerable
            .Range(0, 20)
            .Select(b => Batches.Of(_registry, 0, b * 1000, Enumerable.Range(0, 1000).Select(g => (g, b, 0)).ToArray()))
            .ToArray();

        var engine = await DetectEngine.StartAsync(system, Options(() => Batches.Source(0, b => done.Add(b.FirstOffset), batches)));
        await engine.Completion.Completes();

        Assert.Equal(Enumerable.Range(0, 20).Select(b => b * 1000L), done);
        Assert.Equal(20_000, _metrics.Snapshot().SamplesApplied);
        Assert.Equal(20_000, _metrics.Snapshot().SamplesProcessed);
        Assert.Equal(1000, engine.Gpus);
        var status = await engine.StatusAsync(Batches.Gpu(7), Eventually.Limit);
        Assert.Equal(20, status!.Samples);
        Assert.Equal(GpuHealth.Healthy, status.Health);
    }

    [Fact]
    public async Task Asking_for_a_gpu_that_has_never_sent_a_sample_creates_nothing()
    {
        using var system = await Cluster();
        var unknown = GpuOf(partition: 0, from: 5000);
        var engine = await DetectEngine.StartAsync(
            system,
            Options(() => Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, (1, 0, 0))))
        );
        await engine.Completion.Completes();
        var (gpus, registered) = (engine.Gpus, _registry.Count);

        Assert.Null(await engine.StatusAsync(unknown, Eventually.Limit));
        Assert.Null(await engine.StatusAsync(unknown, Eventually.Limit));

        Assert.Equal((gpus, registered), (engine.Gpus, _registry.Count));
        Assert.NotNull(await engine.StatusAsync(Batches.Gpu(1), Eventually.Limit));
        var region = ClusterSharding.Get(system).ShardRegion("gpu");
        var shards = await region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, Eventually.Limit);
        Assert.DoesNotContain(unknown.Value, shards.Shards.SelectMany(shard => shard.EntityIds));
    }

    [Theory]
    [InlineData("~shard-99")]
    [InlineData("shard-99")]
    [InlineData("..")]
    [InlineData("*")]
    [InlineData("$a/b?c#1")]
    public async Task A_gpu_with_a_hostile_id_is_a_gpu_like_any_other(string id)
    {
        using var system = await Cluster();
        var gpu = GpuId.Parse(id);
        var partition = Murmur2.Partition(gpu, Batches.Partitions);
        var batch = Batches.Of(_registry, partition, 0, (1, 0, 0), (2, 0, 0));
        batch.Samples[0].Gpu = _registry.Intern(gpu);
        var assigned = new TestPartition<SampleBatch>(partition);
        var engine = await DetectEngine.StartAsync(system, Options(() => Batches.Source(assigned)));
        using var inbox = Inbox.Create(system);
        system.EventStream.Subscribe(inbox.Receiver, typeof(Error));

        await Eventually.Until(() => assigned.BeforeRelease is not null);
        Assert.Null(await engine.StatusAsync(gpu, Eventually.Limit));
        assigned.Add(batch);
        assigned.Revoke();
        await engine.Completion.Completes();

        Assert.Equal(1, (await engine.StatusAsync(gpu, Eventually.Limit))!.Samples);
        Assert.Equal(1, (await engine.StatusAsync(Batches.Gpu(2), Eventually.Limit))!.Samples);
        inbox.Receiver.Tell("last");
        Assert.Equal("last", await inbox.ReceiveAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_question_that_comes_before_the_checkpoint_is_read_waits_for_it()
    {
        var partition = Murmur2.Partition(Batches.Gpu(1), Batches.Partitions);
        using (var system = await Cluster())
        {
            var engine = await DetectEngine.StartAsync(
                system,
                Options(() => Batches.Source(partition, _ => { }, Batches.Of(_registry, partition, 0, (1, 0, 0), (1, 1, 0))))
            );
            await engine.Completion.Completes();
            await engine.StopAsync();
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        }

        // The end of the log is asked for after the checkpoint has been read and before its GPUs start.
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource<long?>();
        using var again = await Cluster();
        var restarted = await DetectEngine.StartAsync(
            again,
            Options(() =>
                Batches.Source(
                    new TestPartition<SampleBatch>(partition)
                    {
                        OnQueryEnd = () =>
                        {
                            asked.TrySetResult();
                            return answer.Task;
                        },
                    }
                )
            )
        );
        await asked.Task.Completes();
        var status = restarted.StatusAsync(Batches.Gpu(1), Eventually.Limit);
        var unknown = restarted.StatusAsync(GpuOf(partition, from: 5000), Eventually.Limit);

        answer.SetResult(2);

        Assert.Equal(2, (await status)!.Samples);
        Assert.Null(await unknown);
    }

    private static GpuId GpuOf(int partition, int from) =>
        Enumerable.Range(from, 10_000).Select(Batches.Gpu).First(gpu => Murmur2.Partition(gpu, Batches.Partitions) == partition);

    [Fact]
    public async Task A_power_brake_becomes_one_firing_record_and_one_resolved()
    {
        using var system = await Cluster();
        var seconds = Enumerable.Range(0, 40).Select(s => (Gpu: 1, Second: s, Mask: s is >= 10 and < 15 ? 0x88 : 0)).ToArray();

        var engine = await DetectEngine.StartAsync(
            system,
            Options(() => Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, seconds)))
        );
        await engine.Completion.Completes();

        var alerts = _producer.Delivered.Select(r => JsonDocument.Parse(r.Value!).RootElement).ToList();
        Assert.Equal(["firing", "resolved"], alerts.Select(a => a.GetProperty("state").GetString()));
        Assert.All(alerts, a => Assert.Equal("power_brake", a.GetProperty("rule").GetString()));
        Assert.Single(alerts.Select(a => a.GetProperty("alert_id").GetString()).Distinct());
        Assert.All(_producer.Delivered, r => Assert.Equal(Batches.Gpu(1).Value, Encoding.ASCII.GetString(r.Key!)));
    }

    [Fact]
    public async Task A_batch_is_not_done_before_its_alert_is_delivered()
    {
        using var system = await Cluster();
        _producer.Hold = true;
        var done = new TaskCompletionSource();
        var batch = Batches.Of(_registry, 0, 0, (1, 0, 0x80), (1, 1, 0x80), (1, 2, 0x80));

        var engine = await DetectEngine.StartAsync(system, Options(() => Batches.Source(0, _ => done.SetResult(), batch)));
        await Eventually.Until(() => _producer.Delivered.Count == 1);

        Assert.False(done.Task.IsCompleted);
        _producer.Release();
        await done.Task.Completes();
        await engine.Completion.Completes();
    }

    [Fact]
    public async Task A_slow_broker_holds_the_log_up_and_bounds_the_alerts_that_wait()
    {
        using var system = await Cluster();
        _producer.Hold = true;
        var taken = 0;
        // Each batch opens or resolves an alert of its own GPU.
        var endless = Enumerable
            .Range(0, 100_000)
            .Select(b =>
            {
                Interlocked.Increment(ref taken);
                return Batches.Of(_registry, 0, b * 3L, (b, 0, 0x80), (b, 1, 0x80), (b, 2, 0x80));
            });
        var options = Options(() => Batches.Source(new TestPartition<SampleBatch>(0).Provide(endless)));

        var engine = await DetectEngine.StartAsync(
            system,
            options with
            {
                Detect = options.Detect with { BatchesInFlight = 4, Checkpoints = false },
            }
        );
        await Eventually.Until(() => _producer.Delivered.Count == 4 && engine.BatchesInFlight == 4);

        Assert.InRange(Volatile.Read(ref taken), 4, 8);
        Assert.Equal(4, _metrics.Snapshot().OutboxDepth);
        _producer.Release();
        await Eventually.Until(() => _producer.Delivered.Count > 100);
    }

    [Fact]
    public async Task A_record_that_is_no_sample_becomes_a_dead_letter_with_its_reason_and_origin()
    {
        using var system = await Cluster();
        var batch = Batches.Of(_registry, 3, 41, (1, 0, 0));
        batch.Reject(new RejectedRecord(3, 42, "key"u8.ToArray(), "{"u8.ToArray(), RejectReason.MalformedJson, "cut"));

        var engine = await DetectEngine.StartAsync(system, Options(() => Batches.Source(3, _ => { }, batch)));
        await engine.Completion.Completes();

        var letter = Assert.Single(_producer.Delivered);
        Assert.Equal("gpu-metrics-dead-letter", letter.Topic);
        Assert.Equal("{"u8.ToArray(), letter.Value);
        var headers = letter.Headers!.ToDictionary(h => h.Key, h => Encoding.UTF8.GetString(h.Value));
        Assert.Equal("malformed_json", headers["reason"]);
        Assert.Equal(("gpu-metrics-raw", "3", "42"), (headers["topic"], headers["partition"], headers["offset"]));
        Assert.Equal(1, _metrics.Snapshot().Rejected);
    }

    [Fact]
    public async Task State_survives_a_restart_and_a_replay_publishes_nothing_twice()
    {
        var samples = Enumerable.Range(0, 12).Select(s => (Gpu: 1, Second: s, Mask: s >= 5 ? 0x80 : 0)).ToArray();
        byte[] before;
        using (var system = await Cluster())
        {
            var engine = await DetectEngine.StartAsync(
                system,
                Options(() => Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, samples)))
            );
            await engine.Completion.Completes();
            before = (await engine.StatusAsync(Batches.Gpu(1), Eventually.Limit))!
                .OpenAlerts.Select(a => Encoding.ASCII.GetBytes(a.AlertId.Value))
                .Single();
            await engine.StopAsync();
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        }

        using var again = await Cluster();
        var restarted = await DetectEngine.StartAsync(
            again,
            Options(() => Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, samples)))
        );
        await restarted.Completion.Completes();

        Assert.Single(_producer.Delivered);
        var status = await restarted.StatusAsync(Batches.Gpu(1), Eventually.Limit);
        Assert.Equal(12, status!.Samples);
        Assert.Equal(before, Encoding.ASCII.GetBytes(Assert.Single(status.OpenAlerts).AlertId.Value));
    }

    [Fact]
    public async Task A_checkpoint_behind_the_end_of_the_log_belongs_to_another_topic_and_nothing_is_passed_over_in_silence()
    {
        var partition = Murmur2.Partition(Batches.Gpu(1), Batches.Partitions);
        using (var system = await Cluster())
        {
            var engine = await DetectEngine.StartAsync(
                system,
                Options(() => Batches.Source(partition, _ => { }, Batches.Of(_registry, partition, 0, (1, 0, 0), (1, 1, 0), (1, 2, 0))))
            );
            await engine.Completion.Completes();
            await engine.StopAsync();
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        }

        using var again = await Cluster();
        using var inbox = Inbox.Create(again);
        again.EventStream.Subscribe(inbox.Receiver, typeof(Warning));
        _ = await DetectEngine.StartAsync(
            again,
            Options(() =>
                Batches.Source(
                    new TestPartition<SampleBatch>(partition) { OnQueryEnd = () => Task.FromResult<long?>(1) }.Provide([
                        Batches.Of(_registry, partition, 0, (1, 0, 0)),
                    ])
                )
            )
        );

        var wanted =
            $"The checkpoint of partition {partition} has come to offset 3, but the partition ends at 1: the topic was made anew "
            + "or cut since";
        Assert.NotNull(inbox.ReceiveWhere(m => m.ToString()!.Contains(wanted, StringComparison.Ordinal), Eventually.Limit));
    }

    [Fact]
    public async Task The_committed_offset_follows_the_checkpoint_and_never_passes_it()
    {
        var committed = new TaskCompletionSource<long>();
        var gpu = Batches.Gpu(1);
        var partition = Murmur2.Partition(gpu, Batches.Partitions);
        GpuState saved;
        using (var system = await Cluster())
        {
            var options = Options(() =>
                Batches.Source(
                    new TestPartition<SampleBatch>(partition) { OnCommit = offset => committed.TrySetResult(offset) }.Provide(
                        [Batches.Of(_registry, partition, 0, (1, 0, 0), (1, 1, 0), (1, 2, 0))],
                        staysAssigned: true
                    )
                )
            );
            _ = await DetectEngine.StartAsync(
                system,
                options with
                {
                    Detect = options.Detect with { CheckpointInterval = TimeSpan.FromSeconds(1) },
                }
            );
            Assert.Equal(3, await committed.Task.Completes());
            saved = await Checkpoint(gpu);
        }

        // No drain: the process is gone. What was committed is in the states.
        Assert.Equal(3, saved.Samples);
    }

    [Fact]
    public async Task The_committed_offset_of_the_logs_follows_the_same_checkpoint()
    {
        var samplesCommitted = new TaskCompletionSource();
        var logsCommitted = new TaskCompletionSource<long>();
        var gpu = Batches.Gpu(1);
        var partition = Murmur2.Partition(gpu, Batches.Partitions);
        using var system = await Cluster();
        var samples = new TestPartition<SampleBatch>(partition) { OnCommit = _ => samplesCommitted.TrySetResult() };
        var logs = new TestPartition<KernelLogBatch>(partition) { OnCommit = offset => logsCommitted.TrySetResult(offset) };
        samples.Add(Batches.Of(_registry, partition, 0, (1, 0, 0)));
        var options = Options(() => Batches.Source(samples)) with { Logs = () => Batches.Source(logs) };

        _ = await DetectEngine.StartAsync(
            system,
            options with
            {
                Detect = options.Detect with { CheckpointInterval = TimeSpan.FromSeconds(1) },
            }
        );

        await samplesCommitted.Task.Completes();
        logs.Add(Batches.Logs(partition, 7, Batches.Xid(1, 1, 79)));
        Assert.Equal(8, await logsCommitted.Task.Completes());
        Assert.Equal(79, Assert.Single((await Checkpoint(gpu)).Xids.Records).Code);
    }

    [Fact]
    public async Task A_checkpoint_waits_for_the_alerts_of_its_states()
    {
        using var system = await Cluster();
        _producer.Hold = true;
        var committed = new TaskCompletionSource<long>();
        var partition = Murmur2.Partition(Batches.Gpu(1), Batches.Partitions);
        // The second batch's alert is in the state, but not at the broker, while the first batch is done.
        SampleBatch[] batches =
        [
            Batches.Of(_registry, partition, 0, (1, 0, 0)),
            Batches.Of(_registry, partition, 1, (1, 1, 0x80), (1, 2, 0x80), (1, 3, 0x80)),
        ];
        var options = Options(() =>
            Batches.Source(
                new TestPartition<SampleBatch>(partition) { OnCommit = offset => committed.TrySetResult(offset) }.Provide(
                    batches,
                    staysAssigned: true
                )
            )
        );

        var engine = await DetectEngine.StartAsync(system, options);
        await Eventually.Until(() => _producer.Delivered.Count == 1);
        var stopping = engine.StopAsync();
        await Task.WhenAny(stopping, Task.Delay(TimeSpan.FromMilliseconds(300)));
        Assert.False(committed.Task.IsCompleted);

        _producer.Release();
        await stopping.Completes();
        Assert.Equal(1, await committed.Task.Completes());
    }

    [Fact]
    public async Task A_partition_that_leaves_is_checkpointed_and_committed_before_it_goes()
    {
        using var system = await Cluster();
        var committed = 0L;
        var fed = new TaskCompletionSource();
        var partition = Murmur2.Partition(Batches.Gpu(1), Batches.Partitions);
        var assigned = new TestPartition<SampleBatch>(partition)
        {
            OnDone = _ => fed.TrySetResult(),
            OnCommit = offset => committed = offset,
        };
        assigned.Add(Batches.Of(_registry, partition, 0, (1, 0, 0), (1, 1, 0)));
        var options = Options(() => Batches.Source(assigned));
        _ = await DetectEngine.StartAsync(system, options);
        await fed.Task.Completes();

        await assigned.BeforeRelease!().Completes();

        Assert.Equal(2, committed);
        Assert.Equal(2, (await Checkpoint(Batches.Gpu(1))).Samples);
    }

    [Fact]
    public async Task A_partition_that_is_taken_away_ends_alone()
    {
        using var system = await Cluster();
        TestPartition<SampleBatch> taken = null!;
        taken = new TestPartition<SampleBatch>(0) { OnDone = _ => taken.Lose() };
        taken.Add(Batches.Of(_registry, 0, 0, (1, 0, 0)));
        var stays = new TestPartition<SampleBatch>(1).Provide([
            Batches.Of(_registry, 1, 0, (2, 0, 0)),
            Batches.Of(_registry, 1, 1, (2, 1, 0)),
        ]);
        var options = Options(() => Batches.Source(taken, stays));

        var engine = await DetectEngine.StartAsync(system, options);
        await engine.Completion.Completes();

        // A start anew would have read them twice.
        Assert.Equal(3, _metrics.Snapshot().SamplesProcessed);
    }

    // Its dead letter is never delivered, so that its batch is never acknowledged.
    [Fact]
    public async Task A_partition_that_does_not_get_on_is_read_again_alone_and_makes_the_role_not_ready_while_it_lasts()
    {
        using var system = await Cluster();
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        using var metrics = new EngineMetrics(time);
        var lost = new FakeProducer { FailDeliveries = int.MaxValue };
        var again = new SemaphoreSlim(0);
        TestPartition<SampleBatch> Stuck()
        {
            var batch = new SampleBatch();
            batch.Reset(0);
            batch.Reject(new RejectedRecord(0, 0, null, [1], RejectReason.UnknownFormat, ""));
            var partition = new TestPartition<SampleBatch>(0) { OnReaderStopped = () => again.Release() };
            partition.Add(batch);
            return partition;
        }

        var goesOn = new TestPartition<SampleBatch>(1);
        var assigned = System.Threading.Channels.Channel.CreateUnbounded<IPartitionBatches<SampleBatch>>();
        assigned.Writer.TryWrite(goesOn);
        assigned.Writer.TryWrite(Stuck());
        var starts = 0;
        var options = Options(() =>
        {
            starts++;
            return ChannelSource.FromReader(assigned.Reader);
        });
        _ = await DetectEngine.StartAsync(
            system,
            options with
            {
                Metrics = metrics,
                DeadLetterProducer = lost,
                Detect = options.Detect with { AcknowledgeTimeout = TimeSpan.FromSeconds(1) },
            }
        );
        for (var i = 0; i < Troubles.Repeated; i++)
        {
            await again.WaitAsync(Eventually.Limit);
            time.Advance(Troubles.RepeatedAfter);
            assigned.Writer.TryWrite(Stuck());
        }

        var trouble = Assert.Single(metrics.Troubles.Lasting());
        Assert.Equal(("detect", "partition 0 of gpu-metrics-raw"), (trouble.Role, trouble.What));
        Assert.Contains("were not acknowledged", trouble.Cause, StringComparison.Ordinal);
        Assert.True(metrics.Troubles.Has("detect"));
        Assert.False(metrics.Troubles.Has("store"));
        goesOn.Add(Batches.Of(_registry, 1, 0, (2, 0, 0)));
        await Eventually.Until(() => metrics.Snapshot().SamplesProcessed == 1);
        Assert.Equal(1, starts);

        lost.FailDeliveries = 0;
        await again.WaitAsync(Eventually.Limit);
        assigned.Writer.TryWrite(Stuck());
        await Eventually.Until(() => metrics.Troubles.Lasting().Count == 0);
    }

    [Fact]
    public async Task A_partition_that_was_taken_away_and_comes_back_publishes_what_was_given_up()
    {
        using var system = await Cluster();
        _producer.RefuseOffers = int.MaxValue;
        var partition = Murmur2.Partition(Batches.Gpu(1), Batches.Partitions);
        SampleBatch Braking() => Batches.Of(_registry, partition, 0, (1, 0, 0x80), (1, 1, 0x80), (1, 2, 0x80));
        var back = new TaskCompletionSource<IPartitionBatches<SampleBatch>>();
        var first = new TestPartition<SampleBatch>(partition);
        first.Add(Braking());
        var engine = await DetectEngine.StartAsync(system, Options(() => Batches.Source(first).Concat(Source.FromTask(back.Task))));
        await Eventually.Until(() => _metrics.Snapshot().OutboxDepth == 1);

        first.Lose();
        await Eventually.Until(() => _metrics.Snapshot().OutboxDepth == 0);
        _producer.RefuseOffers = 0;
        back.SetResult(new TestPartition<SampleBatch>(partition).Provide([Braking()]));
        await engine.Completion.Completes();

        Assert.Single(_producer.Delivered);
    }

    // As the next node would read it.
    private async Task<GpuState> Checkpoint(GpuId gpu)
    {
        await using var store = OneNode.Checkpoints(_folder);
        var restore = new CheckpointRestore();
        _ = await store.ReadAsync(Murmur2.Partition(gpu, Batches.Partitions), restore.Take, CancellationToken.None);
        return restore.Gpus[gpu].State!;
    }

    [Fact]
    public async Task Messages_survive_the_wire_when_all_are_serialized()
    {
        using var system = await Cluster("akka.actor.serialize-messages = on");
        var seconds = Enumerable.Range(0, 5).Select(s => (Gpu: 1, Second: s, Mask: 0x80)).ToArray();

        var engine = await DetectEngine.StartAsync(
            system,
            Options(() => Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, seconds)))
        );
        await engine.Completion.Completes();

        Assert.Single(_producer.Delivered);
        Assert.Equal(5, _metrics.Snapshot().SamplesApplied);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private DetectOptions Options(Func<Source<IPartitionBatches<SampleBatch>, Akka.NotUsed>> samples) =>
        new()
        {
            Samples = samples,
            Producer = _producer,
            Registry = _registry,
            Partitions = Batches.Partitions,
            Topic = "gpu-metrics-raw",
            Rules = new RuleBook(new RuleSettings { Absence = new AbsenceSettings { MinSamples = 1 } }),
            Detect = new DetectSettings { AbsenceCheckInterval = TimeSpan.Zero },
            Checkpoints = OneNode.Checkpoints(_folder),
            Alerts = new AlertSettings(),
            Metrics = _metrics,
        };

    private Task<ActorSystem> Cluster(string extra = "") => OneNode.StartAsync(_folder, extra);
}
