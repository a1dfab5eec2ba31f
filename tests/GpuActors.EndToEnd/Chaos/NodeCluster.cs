using GpuActors.Testing;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// The nodes under test, configured as by an operator: fixed ports, one list of seeds, and default values for all settings that affect the
/// handling of failures. Only a stop may take longer: the last node stops while it takes over from the one before, and how long that takes
/// depends on the machine.
/// </summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    private readonly string[] _settings;

    /// <param name="nodes">The nodes; they are not running yet.</param>
    /// <param name="bootstrap">Addresses of the brokers.</param>
    /// <param name="database">Connection string of a migrated database.</param>
    public NodeCluster(IReadOnlyList<ClusterNode> nodes, string bootstrap, string database)
    {
        Nodes = nodes;
        _settings =
        [
            "--roles",
            "detect,store,notify",
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
            "--set",
            "node.stop-timeout=2m",
        ];
    }

    public IReadOnlyList<ClusterNode> Nodes { get; }

    public ClusterNode this[int node] => Nodes[node];

    /// <summary>Creates nodes on the loopback interface.</summary>
    public static IReadOnlyList<ClusterNode> OnLoopback(int count, DirectoryInfo logs) =>
        [.. FreePorts.Take(count).Select((port, i) => new ClusterNode($"node-{i + 1}", "127.0.0.1", port, logs))];

    public void Start(int node) => Nodes[node].Start(_settings);

    /// <summary>Starts all nodes and waits until each is ready.</summary>
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

    /// <summary>Restarts a node that has exited and waits until it is ready.</summary>
    public async Task Restart(int node)
    {
        Start(node);
        await Nodes[node].AwaitReady();
    }

    /// <summary>Stops all running nodes one after the other, as Ctrl-C does. The exit code of each must be 0.</summary>
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
