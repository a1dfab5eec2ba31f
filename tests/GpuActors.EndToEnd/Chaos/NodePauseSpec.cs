using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// A node is suspended and resumed, like a suspended virtual machine. When it resumes, the other nodes have taken over its work, and the
/// work that it had in progress must not be duplicated.
/// </summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class NodePauseSpec(ITestOutputHelper output)
{
    private const int Nodes = 3;
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task A_node_that_resumes_after_a_takeover_exits_and_nothing_is_lost_or_duplicated()
    {
        ChaosScale.Require();
        Skip.If(OperatingSystem.IsWindows(), "no SIGSTOP on this system");
        var pauses = ChaosScale.Of(2, 9);
        var paused = TimeSpan.FromSeconds(30);
        await using var rig = await ChaosRig.Start("node-pause", Nodes);
        await rig.StartFleet(ChaosScale.Of(300, 1_000), (paused + Recovery) * pauses);

        // In every run the oldest node, which allocates the shards, is one of the suspended nodes.
        for (var pause = 0; pause < pauses; pause++)
        {
            var node = rig.Nodes[pause % Nodes];
            var asleep = rig.Disturb($"Pause {pause + 1} ({node.Name})");
            await node.Pause();
            await Task.Delay(paused);
            asleep.UntilMs = Clock.NowMs;
            var awake = rig.Disturb($"{node.Name} resumed");
            await node.Wake();
            var code = await node.Program.Exited();
            var endedMs = Clock.NowMs;
            await rig.Nodes.Restart(pause % Nodes);
            await Task.Delay(TimeSpan.FromSeconds(10));
            awake.UntilMs = Clock.NowMs;
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{node.Name} exited with code {code} {(endedMs - awake.FromMs) / 1000.0:0.0} s after it resumed."
                )
            );
            Assert.NotEqual(0, code);
        }

        (await Books.Close(rig)).AssertExact(output);
    }
}
