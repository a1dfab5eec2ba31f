using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A rolling upgrade: one node after the other is stopped and started under load.</summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class RollingRestartSpec(ITestOutputHelper output)
{
    private const int Nodes = 3;

    [SkippableFact]
    public async Task A_rolling_restart_loses_and_duplicates_nothing()
    {
        ChaosScale.Require();
        var between = ChaosScale.Seconds(5, 30);
        var rounds = ChaosScale.Of(1, 3);
        await using var rig = await ChaosRig.Start("rolling-restart", Nodes);
        await rig.StartFleet(ChaosScale.Of(300, 1_000), (between + TimeSpan.FromSeconds(15)) * Nodes * rounds);

        for (var restart = 0; restart < Nodes * rounds; restart++)
        {
            var node = restart % Nodes;
            var disturbance = rig.Disturb($"Restart {restart + 1} ({rig.Nodes[node].Name})");
            await rig.Nodes[node].Stop();
            await rig.Nodes.Restart(node);
            await Task.Delay(between);
            disturbance.UntilMs = Clock.NowMs;
        }

        var books = await Books.Close(rig);
        foreach (var disturbance in rig.Disturbances)
        {
            books.BoundLatency(disturbance, TimeSpan.FromSeconds(5));
        }

        books.AssertExact(output);
    }
}
