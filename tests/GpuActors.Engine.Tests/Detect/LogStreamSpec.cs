using System.Text;
using System.Text.Json;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams.Dsl;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Detect;

/// <summary>Kernel logs through DETECT on a real one-node cluster.</summary>
public sealed class LogStreamSpec : IDisposable
{
    private readonly GpuRegistry _registry = new();
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();

    [Fact]
    public async Task A_line_of_the_kernel_log_leads_to_an_xid_alert_of_its_gpu()
    {
        using var system = await Cluster();
        var done = new List<long>();
        var logs = Batches.Source(3, b => done.Add(b.NextOffset), Batches.Logs(3, 40, Batches.Xid(1, 5, 79), Batches.Xid(2, 6, 48)));

        await Run(system, () => logs);

        Assert.Equal([42], done);
        var alerts = Alerts().OrderBy(a => a.GetProperty("value").GetDouble()).ToList();
        Assert.Equal([48, 79], alerts.Select(a => a.GetProperty("value").GetInt32()));
        Assert.All(alerts, a => Assert.Equal(("xid", "firing"), (a.GetProperty("rule").GetString(), a.GetProperty("state").GetString())));
        Assert.Equal(Batches.Gpu(1).Value, alerts[1].GetProperty("gpu").GetString());
        Assert.Equal(Batches.StartMs + 5000, alerts[1].GetProperty("opened_at").GetDateTimeOffset().ToUnixTimeMilliseconds());
        Assert.Equal(2, _metrics.Snapshot().LogLinesApplied);
    }

    [Fact]
    public async Task A_replay_of_the_log_publishes_nothing_again()
    {
        using var system = await Cluster();
        var batches = new[]
        {
            Batches.Logs(3, 40, Batches.Xid(1, 5, 79)),
            Batches.Logs(3, 40, Batches.Xid(1, 5, 79), Batches.Xid(1, 5, 79)),
        };

        await Run(system, () => Batches.Source(3, _ => { }, batches));

        Assert.Single(_producer.Delivered);
        Assert.Equal(2, _metrics.Snapshot().LogLinesApplied);
    }

    [Fact]
    public async Task Samples_and_lines_of_a_gpu_meet_in_one_actor()
    {
        using var system = await Cluster();
        var samples = Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, (1, 0, 0), (1, 1, 0)));

        var engine = await Run(system, () => Batches.Source(0, _ => { }, Batches.Logs(0, 0, Batches.Xid(1, 1, 79))), () => samples);

        Assert.Equal(1, engine.Gpus);
        var status = await engine.StatusAsync(Batches.Gpu(1), Eventually.Limit);
        Assert.Equal((2, "xid"), (status!.Samples, Assert.Single(status.OpenAlerts).Rule));
    }

    [Fact]
    public async Task A_batch_is_not_done_before_its_alert_is_delivered()
    {
        using var system = await Cluster();
        _producer.Hold = true;
        var done = new TaskCompletionSource();
        var running = Run(system, () => Batches.Source(3, _ => done.SetResult(), Batches.Logs(3, 0, Batches.Xid(1, 5, 79))));
        await Eventually.Until(() => _producer.Delivered.Count > 0);

        Assert.False(done.Task.IsCompleted);
        _producer.Release();
        await done.Task.Completes();
        await running;
    }

    [Fact]
    public async Task A_record_that_is_no_line_becomes_a_dead_letter_of_the_log_topic()
    {
        using var system = await Cluster();
        var bad = new RejectedRecord(3, 41, "key"u8.ToArray(), "{"u8.ToArray(), RejectReason.MalformedJson, "cut");
        var batch = Batches.Logs(3, 40, Batches.Xid(1, 5, 79)) with { Rejected = [bad], NextOffset = 42 };

        await Run(system, () => Batches.Source(3, _ => { }, batch));

        var letter = Assert.Single(_producer.Delivered, r => r.Topic == "gpu-metrics-dead-letter");
        var headers = letter.Headers!.ToDictionary(h => h.Key, h => Encoding.UTF8.GetString(h.Value));
        Assert.Equal(
            ("malformed_json", "gpu-logs", "3", "41"),
            (headers["reason"], headers["topic"], headers["partition"], headers["offset"])
        );
        Assert.Equal(1, _metrics.Snapshot().LogRejected);
        Assert.Equal(0, _metrics.Snapshot().Rejected);
    }

    [Fact]
    public async Task Lines_survive_the_wire_when_all_messages_are_serialized()
    {
        using var system = await Cluster("akka.actor.serialize-messages = on");

        await Run(system, () => Batches.Source(3, _ => { }, Batches.Logs(3, 40, Batches.Xid(1, 5, 79))));

        Assert.Equal("xid", Assert.Single(Alerts()).GetProperty("rule").GetString());
    }

    public void Dispose() => _metrics.Dispose();

    private IEnumerable<JsonElement> Alerts() => _producer.Delivered.Select(r => JsonDocument.Parse(r.Value!).RootElement);

    private async Task<DetectEngine> Run(
        ActorSystem system,
        Func<Source<IPartitionBatches<KernelLogBatch>, NotUsed>> logs,
        Func<Source<IPartitionBatches<SampleBatch>, NotUsed>>? samples = null
    )
    {
        var engine = await DetectEngine.StartAsync(
            system,
            new DetectOptions
            {
                Samples = samples ?? Source.Empty<IPartitionBatches<SampleBatch>>,
                Logs = logs,
                Producer = _producer,
                Registry = _registry,
                Partitions = Batches.Partitions,
                Topic = "gpu-metrics-raw",
                Rules = new RuleBook(new RuleSettings()),
                Detect = new DetectSettings { AbsenceCheckInterval = TimeSpan.Zero, Checkpoints = false },
                Metrics = _metrics,
            }
        );
        await engine.Completion.Completes();
        return engine;
    }

    private static async Task<ActorSystem> Cluster(string extra = "")
    {
        var config = ConfigurationFactory
            .ParseString(
                $$"""
                akka {
                  loglevel = WARNING
                  actor.provider = cluster
                  remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
                  cluster.roles = [detect]
                }
                {{extra}}
                """
            )
            .WithFallback(EngineConfig.Akka());
        var system = ActorSystem.Create("gpuactors", config);
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync(cluster.SelfAddress).Completes();
        return system;
    }
}
