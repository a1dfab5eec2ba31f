using Akka.Actor;
using Akka.Cluster;
using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Composition;

/// <summary>
/// Two nodes in one process, their journal in one file: what an operator says on one holds on both, and a fail-over forgets nothing.
/// </summary>
public sealed class AlertLifecycleClusterSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();

    [Fact]
    public async Task Words_and_judgements_hold_on_both_nodes_and_survive_the_end_of_the_oldest()
    {
        using var first = await OneNode.StartAsync(_folder);
        using var second = await OneNode.StartAsync(_folder, join: Cluster.Get(first).SelfAddress);
        var a = AlertLifecycle.Start(first, Options());
        var b = AlertLifecycle.Start(second, Options());
        await Task.WhenAll(a.Ready, b.Ready).Completes();

        Assert.True((await Judge(a, "a1")).Page);
        var joined = await Judge(b, "a2");
        Assert.False(joined.Page);
        Assert.NotNull(joined.IncidentId);
        Assert.Null((await b.ExecuteAsync(new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", ""), Eventually.Limit)).Problem);
        await Eventually.Until(() => a.Control.Acknowledgements.Count == 1 && b.Control.Acknowledgements.Count == 1);

        await CoordinatedShutdown.Get(first).Run(CoordinatedShutdown.ClrExitReason.Instance);

        await Eventually.Until(() => HasIncident(b));
        var third = await Judge(b, "a3");
        Assert.Equal((joined.IncidentId, false), (third.IncidentId, third.Page));
        Assert.Null((await b.ExecuteAsync(new AlertControlCommand.Unacknowledge(AlertId.Parse("a1")), Eventually.Limit)).Problem);
        await Eventually.Until(() => b.Control.Acknowledgements.Count == 0);
    }

    // False also while the singleton moves to the other node.
    private static async Task<bool> HasIncident(AlertLifecycle node)
    {
        try
        {
            return (await node.IncidentsAsync(true, 10, 10, TimeSpan.FromSeconds(1))).Count == 1;
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Task<IncidentProtocol.Decided> Judge(AlertLifecycle node, string id) =>
        node.Stamp.Incidents!.Ask<IncidentProtocol.Decided>(
            new IncidentProtocol.Decide(Given.Alert(id) with { Gpu = GpuId.Parse("GPU-" + id) }, false),
            Eventually.Limit
        );

    private DetectOptions Options() =>
        new()
        {
            Samples = () => throw new NotSupportedException("No samples here"),
            Producer = _producer,
            Registry = new GpuRegistry(),
            Partitions = Batches.Partitions,
            Topic = "gpu-metrics-raw",
            Rules = new RuleBook(new RuleSettings()),
            Metrics = _metrics,
        };
}
