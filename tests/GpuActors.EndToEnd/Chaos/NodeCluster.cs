using GpuActors.Testing;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// The nodes under test, as an operator runs them: fixed ports, one list of seeds, and the defaults for everything that decides how
/// failures are met.
/// </summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    private readonly string[] _settings;

    /// <param name="nodes">The nodes, not started yet.</param>
    /// <param name="bootstrap">Brokers.</param>
    /// <param name="database">Connection string of a migrated database.</param>
    public NodeCluster(IReadOnlyList<ClusterNode> nodes, string bootstrap, string database)
    {
        Nodes = nodes;
        _settings =
        [
            "--roles",
            "detect,store",
            "--set",
            $"node.seeds={string.Join(',', nodes.Select(n => n.Address))}",
            "--set",
            $"kafka.bootstrap-servers={bootstrap}",
            "--set",
            "storage.provider=postgres",
            "--set",
            $"storage.connection-string={database}",
            "--set",
            "api.port=0",
            "--set",
            "log.level=info",
        ];
    }

    public IReadOnlyList<ClusterNode> Nodes { get; }

    public ClusterNode this[int node] => Nodes[node];

    /// <summary>Nodes on loopback.</summary>
    public static IReadOnlyList<ClusterNode> OnLoopback(int count, DirectoryInfo logs) =>
        [.. FreePorts.Take(count).Select((port, i) => new ClusterNode($"node-{i + 1}", "127.0.0.1", port, logs))];

    public void Start(int node) => Nodes[node].Start(_settings);

    /// <summary>Starts all and waits until each says that it is ready.</summary>
    public async Task StartAll()
    {
        for (var node = 0; node < Nodes.Count; node++)
        {
            Start(node);
        }

        foreach (var node in Nodes)
        {
            await node.AwaitReady();
        }
    }

    /// <summary>Starts a node that has ended and waits until it is ready.</summary>
    public async Task Restart(int node)
    {
        Start(node);
        await Nodes[node].AwaitReady();
    }

    /// <summary>Ends all nodes that run as Ctrl-C does, one after the other, each of which must end well.</summary>
    public async Task StopAll()
    {
        foreach (var node in Nodes.Where(n => n.Runs))
        {
            await node.Stop();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }
}
