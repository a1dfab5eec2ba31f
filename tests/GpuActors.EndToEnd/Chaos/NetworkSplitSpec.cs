using System.Globalization;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A node that the others can't reach any more: one side goes on, the other ends by itself, and no GPU has two minders.</summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class NetworkSplitSpec(ITestOutputHelper output)
{
    private const int Nodes = 3;

    // The one in the namespace; the others keep the majority.
    private const int CutOff = 0;

    [SkippableFact]
    public Task A_node_cut_off_from_everything_ends_and_nothing_is_lost_or_doubled() =>
        Run("network-split-all", network => [network.Cluster, network.Services]);

    [SkippableFact]
    public Task A_node_cut_off_from_the_other_nodes_alone_ends_and_nothing_is_lost_or_doubled() =>
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

    // Either side may be the one that ends; where neither does, what is missing is said with the rest.
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
            // Neither side gave up: an operator would end the one that was cut off.
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
        var told = string.Join(", ", exitCodes.Select(e => $"{nodes[e.Key].Name} with {e.Value}"));
        books.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Ended by themselves within {afterMs / 1000.0:0.0} s of the cut: {(told.Length == 0 ? "none" : told)}."
            )
        );
        books.Demand(
            exitCodes.ContainsKey(CutOff) ? exitCodes.Count == 1 : exitCodes.Count == Nodes - 1,
            $"One side was to end and the other to go on; those that ended: {(told.Length == 0 ? "none" : told)}"
        );
        books.Demand(exitCodes.Values.All(c => c != 0), $"A node that gives up was to end with an error code: {told}");
    }
}
