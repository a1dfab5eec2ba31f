using Akka.Actor;
using Akka.Cluster;
using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Composition;

/// <summary>Two nodes in one process: one detects, the other has no GPU's actor and shows the fleet all the same.</summary>
public sealed class FleetClientSpec : IDisposable
{
    private static readonly Dictionary<string, string> All = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly GpuRegistry _registry = new();
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();

    [Fact]
    public async Task A_node_without_gpus_knows_their_status_their_alerts_and_what_operators_said()
    {
        using var detecting = await OneNode.StartAsync(_folder);
        using var serving = await OneNode.StartAsync(_folder, "akka.cluster.roles = [api]", Cluster.Get(detecting).SelfAddress);
        var engine = await DetectEngine.StartAsync(
            detecting,
            Options(Enumerable.Range(0, 6).SelectMany(second => new[] { (1, second, 0x80), (2, second, 0) }))
        );
        var fleet = await FleetClient.StartAsync(serving, new FleetOptions { Partitions = Batches.Partitions });
        await engine.Completion.Completes();

        var status = await fleet.StatusAsync(Batches.Gpu(1), Eventually.Limit);
        Assert.Equal((GpuHealth.Critical, 6L, "n1"), (status!.Health, status.Samples, status.Info.Host));
        Assert.Equal(GpuHealth.Healthy, (await fleet.StatusAsync(Batches.Gpu(2), Eventually.Limit))!.Health);
        var unknown = Enumerable.Range(3, 1000).Select(Batches.Gpu).First(gpu => Murmur2.Partition(gpu, Batches.Partitions) == 0);
        var registered = _registry.Count;
        Assert.Null(await fleet.StatusAsync(unknown, Eventually.Limit));
        Assert.Equal((2, registered), (engine.Gpus, _registry.Count));

        Assert.Empty(fleet.Lifecycle.OpenAlerts());
        var found = await fleet.Lifecycle.FleetAlertsAsync(All, Eventually.Limit);
        var alert = Assert.Single(found.Alerts);
        Assert.Equal(("power_brake", Batches.Gpu(1), 0, 1), (alert.Rule, alert.Gpu, found.LeftOut, found.Nodes));
        Assert.Empty(found.Missing);
        Assert.Empty(
            (await fleet.Lifecycle.FleetAlertsAsync(new Dictionary<string, string> { ["rule"] = "xid" }, Eventually.Limit)).Alerts
        );

        Assert.True(fleet.Lifecycle.KnowsControl);
        Assert.True(await fleet.Lifecycle.IsOpenAsync(alert.AlertId, Eventually.Limit));
        Assert.False(await fleet.Lifecycle.IsOpenAsync(AlertId.Parse("no-such-alert"), Eventually.Limit));
        Assert.Null(
            (await fleet.Lifecycle.ExecuteAsync(new AlertControlCommand.Acknowledge(alert.AlertId, "ann", ""), Eventually.Limit)).Problem
        );
        await Eventually.Until(() =>
            fleet.Lifecycle.Control.Acknowledgements.Count == 1 && engine.Lifecycle.Control.Acknowledgements.Count == 1
        );
        Assert.Equal("ann", (await fleet.Lifecycle.FleetAlertsAsync(All, Eventually.Limit)).Alerts.Single().AcknowledgedBy);
        Assert.Empty(await fleet.Lifecycle.IncidentsAsync(true, 10, 10, Eventually.Limit));
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_named_and_so_is_that_nobody_detects()
    {
        using var serving = await OneNode.StartAsync(_folder, "akka.cluster.roles = [api]");
        var fleet = await FleetClient.StartAsync(serving, new FleetOptions { Partitions = Batches.Partitions });
        Assert.Equal(0, (await fleet.Lifecycle.FleetAlertsAsync(All, Eventually.Limit)).Nodes);
        Assert.False(fleet.Lifecycle.KnowsControl);
        await Assert.ThrowsAsync<AskTimeoutException>(() => fleet.StatusAsync(Batches.Gpu(1), TimeSpan.FromMilliseconds(100)));

        // It has the role, and its engine never starts.
        using var absent = await OneNode.StartAsync(_folder, join: Cluster.Get(serving).SelfAddress);
        await Eventually.Until(() => Cluster.Get(serving).State.Members.Count(m => m.Status == MemberStatus.Up) == 2);
        var found = await fleet.Lifecycle.FleetAlertsAsync(All, TimeSpan.FromMilliseconds(100));
        var address = Cluster.Get(absent).SelfAddress;
        Assert.Equal((1, $"{address.Host}:{address.Port}"), (found.Nodes, Assert.Single(found.Missing)));
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private DetectOptions Options(IEnumerable<(int Gpu, int Second, int Mask)> samples) =>
        new()
        {
            Samples = () => Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, [.. samples])),
            Producer = _producer,
            Registry = _registry,
            Partitions = Batches.Partitions,
            Topic = "gpu-metrics-raw",
            Rules = new RuleBook(new RuleSettings()),
            Detect = new DetectSettings { AbsenceCheckInterval = TimeSpan.Zero },
            Checkpoints = OneNode.Checkpoints(_folder),
            Metrics = _metrics,
        };
}
