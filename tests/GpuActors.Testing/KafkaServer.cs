using System.Diagnostics;
using System.Net.Sockets;

namespace GpuActors.Testing;

/// <summary>
/// A throw-away Apache Kafka (KRaft) of the distribution that <c>KAFKA_HOME</c> names, on free ports, in a folder of its own. Every node is
/// broker and controller; topics are not created by themselves.
/// </summary>
public sealed class KafkaServer : IAsyncDisposable
{
    private readonly List<Process?> _nodes = [];
    private readonly List<int> _ports = [];
    private readonly string _home;
    private readonly string _folder;
    private readonly string _host;

    private KafkaServer(string home, string folder, string host)
    {
        _home = home;
        _folder = folder;
        _host = host;
    }

    /// <summary>Why there is no Kafka here, or null when there is one.</summary>
    public static string? Missing
    {
        get
        {
            var home = Environment.GetEnvironmentVariable("KAFKA_HOME");
            return string.IsNullOrEmpty(home)
                    ? "there is no Kafka: set KAFKA_HOME to the folder of an Apache Kafka 4 distribution (Java 17 or newer)"
                : File.Exists(Path.Combine(home, "bin", "kafka-server-start.sh")) ? null
                : $"there is no Kafka: KAFKA_HOME={home} has no bin/kafka-server-start.sh";
        }
    }

    /// <summary>Address of the brokers, separated by commas.</summary>
    public string BootstrapServers => string.Join(',', _ports.Select(p => $"{_host}:{p}"));

    /// <summary>Number of brokers.</summary>
    public int Brokers => _ports.Count;

    /// <summary>Process id of each broker that runs, for measurements.</summary>
    public IReadOnlyList<int> ProcessIds => [.. _nodes.OfType<Process>().Select(p => p.Id)];

    /// <summary>Starts 1 or 3 brokers and waits until each answers; skips or fails the test where there is no Kafka.</summary>
    /// <param name="brokers">Number of brokers; topics are replicated to all up to 3, with min.insync.replicas one less.</param>
    /// <param name="settings">Further lines of <c>server.properties</c>.</param>
    public static Task<KafkaServer> StartAsync(int brokers = 1, params IReadOnlyList<string> settings) =>
        StartOnAsync("127.0.0.1", brokers, settings);

    /// <summary>The same on another address of this machine, such as one that a network namespace reaches.</summary>
    /// <param name="host">The address that brokers listen on and tell their clients.</param>
    /// <param name="brokers">Number of brokers.</param>
    /// <param name="settings">Further lines of <c>server.properties</c>.</param>
    public static async Task<KafkaServer> StartOnAsync(string host, int brokers = 1, params IReadOnlyList<string> settings)
    {
        ServerRequirement.Require(Missing);
        var folder = Directory.CreateTempSubdirectory("gpuactors-kafka-").FullName;
        var server = new KafkaServer(Environment.GetEnvironmentVariable("KAFKA_HOME")!, folder, host);
        try
        {
            await server.FormatAsync(brokers, settings);
            for (var node = 1; node <= brokers; node++)
            {
                server._nodes.Add(null);
                server.Launch(node);
            }

            for (var node = 1; node <= brokers; node++)
            {
                await server.AwaitUpAsync(node);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends a broker at once, as a crash does.</summary>
    /// <param name="node">1 to <see cref="Brokers"/>.</param>
    public async Task KillAsync(int node)
    {
        if (_nodes[node - 1] is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
            _nodes[node - 1] = null;
        }
    }

    /// <summary>Starts a killed broker again, on its port and data.</summary>
    /// <param name="node">1 to <see cref="Brokers"/>.</param>
    public async Task RestartAsync(int node)
    {
        Launch(node);
        await AwaitUpAsync(node);
    }

    /// <summary>Runs one of the distribution's tools (<c>kafka-topics.sh</c>) to its end.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunToolAsync(string tool, params IReadOnlyList<string> arguments)
    {
        using var process = Begin(tool, arguments);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{tool} ended with {process.ExitCode}: {output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (var node = 1; node <= _nodes.Count; node++)
        {
            await KillAsync(node);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task FormatAsync(int brokers, IReadOnlyList<string> settings)
    {
        var ports = FreePorts.Take(brokers * 2);
        _ports.AddRange(ports[..brokers]);
        var control = ports[brokers..];
        var voters = string.Join(',', control.Select((port, i) => $"{i + 1}@127.0.0.1:{port}"));
        var replicas = Math.Min(3, brokers);
        var inSync = Math.Max(1, replicas - 1);
        var id = (await RunToolAsync("kafka-storage.sh", "random-uuid")).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim();
        for (var node = 1; node <= brokers; node++)
        {
            await File.WriteAllLinesAsync(
                Config(node),
                [
                    "process.roles=broker,controller",
                    $"node.id={node}",
                    $"controller.quorum.voters={voters}",
                    $"listeners=CLIENT://{_host}:{_ports[node - 1]},CONTROLLER://127.0.0.1:{control[node - 1]}",
                    $"advertised.listeners=CLIENT://{_host}:{_ports[node - 1]}",
                    "listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                    "controller.listener.names=CONTROLLER",
                    "inter.broker.listener.name=CLIENT",
                    $"log.dirs={Path.Combine(_folder, $"data-{node}")}",
                    "auto.create.topics.enable=false",
                    "num.partitions=12",
                    $"default.replication.factor={replicas}",
                    $"min.insync.replicas={inSync}",
                    $"offsets.topic.replication.factor={replicas}",
                    "offsets.topic.num.partitions=5",
                    $"transaction.state.log.replication.factor={replicas}",
                    $"transaction.state.log.min.isr={inSync}",
                    "transaction.state.log.num.partitions=5",
                    "group.initial.rebalance.delay.ms=0",
                    "message.max.bytes=8388608",
                    "log.cleaner.dedupe.buffer.size=16777216",
                    .. settings,
                ]
            );
            await RunToolAsync("kafka-storage.sh", "format", "-t", id, "-c", Config(node));
        }
    }

    private void Launch(int node)
    {
        var process = Begin("kafka-server-start.sh", [Config(node)]);
        var log = Path.Combine(_folder, $"node-{node}.log");
        process.OutputDataReceived += (_, line) => Append(log, line.Data);
        process.BeginOutputReadLine();
        _nodes[node - 1] = process;
    }

    // An accepted connection is what a client needs; whoever creates a topic waits for its leaders.
    private Task AwaitUpAsync(int node) =>
        Eventually.Until(
            () => AcceptsAsync(node),
            state: () => Tail(Path.Combine(_folder, $"node-{node}.log")),
            phase: $"Kafka node {node} accepts connections"
        );

    private async Task<bool> AcceptsAsync(int node)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(_host, _ports[node - 1]);
            return true;
        }
        catch (SocketException)
        {
            return _nodes[node - 1]!.HasExited
                ? throw new InvalidOperationException($"Kafka node {node} ended: {Tail(Path.Combine(_folder, $"node-{node}.log"))}")
                : false;
        }
    }

    private Process Begin(string tool, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(_home, "bin", tool), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.Environment["LOG_DIR"] = Path.Combine(_folder, "logs");
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        // A full pipe that nobody reads stops the broker.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private static void Append(string log, string? line)
    {
        if (line is not null)
        {
            File.AppendAllLines(log, [line]);
        }
    }

    private static string Tail(string log) => File.Exists(log) ? string.Join(" | ", File.ReadLines(log).TakeLast(5)) : "it printed nothing";

    private string Config(int node) => Path.Combine(_folder, $"node-{node}.properties");
}
