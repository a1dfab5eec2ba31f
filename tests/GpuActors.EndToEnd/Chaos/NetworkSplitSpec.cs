using System.Globalization;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// A node is cut off by the network: one side continues, the other exits, and no GPU is active on both sides.
/// </summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class NetworkSplitSpec(ITestOutputHelper output)
{
    private const int Nodes = 3;

    // The node in the network namespace. The others keep the majority.
    private const int CutOff = 0;

    [SkippableFact]
    public Task A_node_cut_off_from_everything_exits_and_nothing_is_lost_or_duplicated() =>
        Run("network-split-all", network => [network.Cluster, network.Services]);

    [SkippableFact]
    public Task A_node_cut_off_from_the_other_nodes_only_exits_and_nothing_is_lost_or_duplicated() =>
        Run("network-split-nodes", network => [network.Cluster]);

    private async Task Run(string name, Func<SplitNetwork, SplitNetwork.Link[]> cut)
    {
        ChaosScale.Require();
        await using var network = await SplitNetwork.Create();
        var kafka = await KafkaServer.StartOnAsync(network.Services.Here);
        await using var rig = await ChaosRig.Start(
            name,
            kafka,
            () => PostgresServer.StartOnAsync(network.Services.Here, network.Services.Subnet),
            logs => NodesOn(network, logs)
        );
        var apart = ChaosScale.Seconds(25, 120);
        await rig.StartFleet(ChaosScale.Of(200, 1_000), apart * 3);

        var split = rig.Disturb($"{rig.Nodes[CutOff].Name} cut off");
        foreach (var link in cut(network))
        {
            await link.Cut();
        }

        var ended = await AwaitOneSideEnded(rig.Nodes);
        var after = Clock.NowMs - split.FromMs;
        await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, apart.TotalMilliseconds - after)));
        foreach (var link in cut(network))
        {
            await link.Mend();
        }

        split.UntilMs = Clock.NowMs;
        var mended = rig.Disturb("Link mended");
        var exitCodes = ended.ToDictionary(n => n, n => rig.Nodes[n].Program.ExitCode);
        await RestartEnded(rig.Nodes);
        await Task.Delay(ChaosScale.Seconds(10, 60));
        mended.UntilMs = Clock.NowMs;

        var books = await Books.Close(rig);
        Judge(books, rig.Nodes, exitCodes, after);
        books.AssertExact(output);
    }

    private static IReadOnlyList<ClusterNode> NodesOn(SplitNetwork network, DirectoryInfo logs) =>
        [
            .. FreePorts
                .Take(Nodes)
                .Select(
                    (port, i) =>
                        i == CutOff
                            ? new ClusterNode("node-apart", network.Cluster.There, port, logs) { Within = network.Within }
                            : new ClusterNode(
                                string.Create(CultureInfo.InvariantCulture, $"node-{i + 1}"),
                                network.Cluster.Here,
                                port,
                                logs
                            )
                ),
        ];

    // Either side may exit. If neither does, the checks at the end report it.
    private static async Task<List<int>> AwaitOneSideEnded(NodeCluster nodes)
    {
        try
        {
            return await Eventually.Get(() => Task.FromResult(Ended(nodes)), e => e.Contains(CutOff) || e.Count == Nodes - 1, _ => "");
        }
        catch (TimeoutException)
        {
            return Ended(nodes);
        }
    }

    private static List<int> Ended(NodeCluster nodes) => [.. Enumerable.Range(0, nodes.Nodes.Count).Where(n => !nodes[n].Runs)];

    private static async Task RestartEnded(NodeCluster nodes)
    {
        if (Ended(nodes).Count == 0)
        {
            // Neither side has exited: stop the node that was cut off, as an operator would.
            await nodes[CutOff].Kill();
        }

        var ended = Ended(nodes);
        ended.ForEach(nodes.Start);
        foreach (var node in ended)
        {
            await nodes[node].AwaitReady();
        }
    }

    private static void Judge(Books books, NodeCluster nodes, Dictionary<int, int> exitCodes, long afterMs)
    {
        var ends = string.Join(", ", exitCodes.Select(e => $"{nodes[e.Key].Name} with {e.Value}"));
        books.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Exited within {afterMs / 1000.0:0.0} s of the cut: {(ends.Length == 0 ? "none" : ends)}."
            )
        );
        books.Demand(
            exitCodes.ContainsKey(CutOff) ? exitCodes.Count == 1 : exitCodes.Count == Nodes - 1,
            $"One side must exit and the other must continue; nodes that exited: {(ends.Length == 0 ? "none" : ends)}"
        );
        books.Demand(exitCodes.Values.All(c => c != 0), $"A node that exits must have a non-zero exit code: {ends}");
    }
}
