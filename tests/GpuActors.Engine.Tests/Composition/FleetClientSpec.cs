using Akka.Actor;
using Akka.Cluster;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Composition;

/// <summary>Two nodes in one process: one detects, the other has no GPU's actor and shows the fleet all the same.</summary>
public sealed class FleetClientSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly GpuRegistry _registry = new();
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();

    [Fact]
    public async Task A_node_without_gpus_knows_their_status()
    {
        using var detecting = await OneNode.StartAsync(_folder);
        using var serving = await OneNode.StartAsync(_folder, "akka.cluster.roles = [api]", Cluster.Get(detecting).SelfAddress);
        var engine = await DetectEngine.StartAsync(
            detecting,
            Options(Enumerable.Range(0, 6).SelectMany(second => new[] { (1, second, 0x80), (2, second, 0) }))
        );
        var fleet = await FleetClient.StartAsync(serving, Batches.Partitions);
        await engine.Completion.Completes();

        var status = await fleet.StatusAsync(Batches.Gpu(1), Eventually.Limit);
        Assert.Equal((GpuHealth.Critical, 6L, "n1"), (status!.Health, status.Samples, status.Info.Host));
        Assert.Equal(GpuHealth.Healthy, (await fleet.StatusAsync(Batches.Gpu(2), Eventually.Limit))!.Health);
        var unknown = Enumerable.Range(3, 1000).Select(Batches.Gpu).First(gpu => Murmur2.Partition(gpu, Batches.Partitions) == 0);
        var registered = _registry.Count;
        Assert.Null(await fleet.StatusAsync(unknown, Eventually.Limit));
        Assert.Equal((2, registered), (engine.Gpus, _registry.Count));
    }

    [Fact]
    public async Task A_gpu_that_is_retired_from_any_node_is_no_longer_known()
    {
        int[] gpus = [.. Enumerable.Range(1, 1000).Where(n => Murmur2.Partition(Batches.Gpu(n), Batches.Partitions) == 0).Take(2)];
        using var detecting = await OneNode.StartAsync(_folder);
        using var serving = await OneNode.StartAsync(_folder, "akka.cluster.roles = [api]", Cluster.Get(detecting).SelfAddress);
        var engine = await DetectEngine.StartAsync(
            detecting,
            Options(Enumerable.Range(0, 6).SelectMany(second => new[] { (gpus[0], second, 0x80), (gpus[1], second, 0) }))
        );
        var fleet = await FleetClient.StartAsync(serving, Batches.Partitions);
        await engine.Completion.Completes();

        Assert.Equal(1, await fleet.RetireAsync(RetireScope.Gpu, Batches.Gpu(gpus[0]).Value, Eventually.Limit));

        await Eventually.Until(() => engine.Gpus == 1);
        Assert.Null(await fleet.StatusAsync(Batches.Gpu(gpus[0]), Eventually.Limit));
        Assert.Equal(6, (await fleet.StatusAsync(Batches.Gpu(gpus[1]), Eventually.Limit))!.Samples);
        await Eventually.Until(() => _producer.Delivered.Count == 2);
        Assert.Equal([AlertState.Firing, AlertState.Resolved], _producer.Delivered.Select(record => AlertCodec.Read(record.Value).State));
        Assert.Equal(0, await engine.RetireAsync(RetireScope.Gpu, Batches.Gpu(gpus[0]).Value, Eventually.Limit));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Without_a_node_that_detects_a_status_times_out(int milliseconds)
    {
        using var serving = await OneNode.StartAsync(_folder, "akka.cluster.roles = [api]");
        var fleet = await FleetClient.StartAsync(serving, Batches.Partitions);

        await Assert.ThrowsAsync<AskTimeoutException>(() => fleet.StatusAsync(Batches.Gpu(1), TimeSpan.FromMilliseconds(milliseconds)));
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
