using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>Nodes that are killed.</summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class NodeLossSpec(ITestOutputHelper output)
{
    private const int Nodes = 3;
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(15);

    [SkippableFact]
    public async Task Killing_nodes_loses_and_duplicates_no_row_and_no_alert()
    {
        ChaosScale.Require();
        var kills = ChaosScale.Of(2, 10);
        var every = ChaosScale.Seconds(30, 60);
        await using var rig = await ChaosRig.Start("node-loss", Nodes);
        await rig.StartFleet(ChaosScale.Of(300, 1_000), every * kills);

        // The fixed seed selects the same nodes in every run.
        var random = new Random(7);
        for (var kill = 0; kill < kills; kill++)
        {
            var node = random.Next(Nodes);
            var disturbance = rig.Disturb($"Kill {kill + 1} ({rig.Nodes[node].Name})");
            await rig.Nodes[node].Kill();
            await Task.Delay(Away);
            await rig.Nodes.Restart(node);
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, disturbance.FromMs + every.TotalMilliseconds - Clock.NowMs)));
            disturbance.UntilMs = Clock.NowMs;
        }

        var books = await Books.Close(rig);
        foreach (var disturbance in rig.Disturbances)
        {
            books.BoundLatency(disturbance, TimeSpan.FromSeconds(20));
        }

        books.AssertExact(output);
    }
}
