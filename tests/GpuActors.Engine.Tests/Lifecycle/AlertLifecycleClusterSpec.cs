using Akka.Actor;
using Akka.Cluster;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using Xunit;

namespace GpuActors.Engine.Tests.Lifecycle;

/// <summary>
/// Two nodes in one process, their journal in one file: what an operator says on one holds on both, and a fail-over forgets nothing.
/// </summary>
public sealed class AlertLifecycleClusterSpec : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
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
        await Task.WhenAll(a.Ready, b.Ready).WaitAsync(Patience);

        Assert.True((await Judge(a, "a1")).Page);
        var joined = await Judge(b, "a2");
        Assert.False(joined.Page);
        Assert.NotNull(joined.IncidentId);
        Assert.Null((await b.ExecuteAsync(new AlertControlCommand.Acknowledge("a1", "ann", ""), Patience)).Problem);
        await Until(() => a.Control.Acknowledgements.Count == 1 && b.Control.Acknowledgements.Count == 1);

        await CoordinatedShutdown.Get(first).Run(CoordinatedShutdown.ClrExitReason.Instance);

        await Until(async () => (await b.IncidentsAsync(true, 10, 10, TimeSpan.FromSeconds(1))).Count == 1);
        var third = await Judge(b, "a3");
        Assert.Equal((joined.IncidentId, false), (third.IncidentId, third.Page));
        Assert.Null((await b.ExecuteAsync(new AlertControlCommand.Unacknowledge("a1"), Patience)).Problem);
        await Until(() => b.Control.Acknowledgements.Count == 0);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (AskTimeoutException)
            {
                // The singleton is on its way.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }

    private static Task Until(Func<bool> holds) => Until(() => Task.FromResult(holds()));

    private static Task<IncidentProtocol.Decided> Judge(AlertLifecycle node, string id) =>
        node.Stamp.Incidents!.Ask<IncidentProtocol.Decided>(
            new IncidentProtocol.Decide(
                new AlertFacts
                {
                    AlertId = id,
                    Seq = 1,
                    State = AlertState.Firing,
                    Severity = AlertSeverity.Critical,
                    Rule = "power_brake",
                    Gpu = "GPU-" + id,
                    OpenedAtMs = 1,
                    TimeMs = 1,
                    Labels = new Dictionary<string, string> { ["host"] = "n1" },
                },
                false
            ),
            Patience
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
