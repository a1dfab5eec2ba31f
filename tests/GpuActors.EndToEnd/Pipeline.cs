using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>
/// The whole pipeline as run by an operator: a real broker, a real database, and one process each for the exporters, the collector and the
/// node.
/// </summary>
internal sealed class Pipeline : IAsyncDisposable
{
    private readonly List<RunningProgram> _programs = [];
    private readonly KafkaServer _kafka;
    private readonly PostgresServer _postgres;
    private readonly HttpClient _http = new();
    private readonly int _simulatorPort = FreePort();
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("gpuactors-e2e-");
    private string _nodeReady = "";

    private Pipeline(KafkaServer kafka, PostgresServer postgres)
    {
        _kafka = kafka;
        _postgres = postgres;
    }

    public string Bootstrap => _kafka.BootstrapServers;

    public RunningProgram Collector { get; private set; } = null!;

    public RunningProgram Node { get; private set; } = null!;

    /// <summary>
    /// Starts the servers, migrates the database and starts exporters and node. Samples are collected after <see cref="StartCollector"/> is
    /// called.
    /// </summary>
    public static async Task<Pipeline> Start(int gpus, params IReadOnlyList<string> kafkaSettings)
    {
        var pipeline = new Pipeline(await KafkaServer.StartAsync(1, kafkaSettings), await PostgresServer.StartAsync());
        try
        {
            await pipeline.StartParts(gpus);
            return pipeline;
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    public async Task StartCollector()
    {
        Collector = Keep(
            RunningProgram.GpuActors(
                "collect",
                "--target",
                Exporters + "/metrics",
                "--kernel-log",
                KernelLog,
                "--set",
                $"collector.state-directory={KernelLog}.state",
                "--set",
                "collector.interval=500ms",
                "--set",
                $"kafka.bootstrap-servers={Bootstrap}"
            )
        );
        await Collector.Line(l => l.Contains("ready", StringComparison.OrdinalIgnoreCase));
    }

    public async Task StartNode()
    {
        Node = Keep(
            RunningProgram.GpuActors(
                "node",
                "--roles",
                "detect,store,notify",
                "--set",
                $"kafka.bootstrap-servers={Bootstrap}",
                "--set",
                "storage.provider=postgres",
                "--set",
                $"storage.connection-string={_postgres.ConnectionString}",
                "--set",
                "api.port=0"
            )
        );
        _nodeReady = await Node.Line(l => l.Contains("ready", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Gets the value of a counter from the node's Prometheus page.</summary>
    public async Task<double> NodeMetric(string name)
    {
        var page = await _http.GetStringAsync(new Uri(NodeAddress, "/metrics"));
        return double.Parse(
            page.Split('\n').Single(l => l.StartsWith(name + "{} ", StringComparison.Ordinal))[(name.Length + 2)..],
            CultureInfo.InvariantCulture
        );
    }

    /// <summary>Gets a JSON document from the node.</summary>
    public Task<JsonElement> Get(string path) => _http.GetFromJsonAsync<JsonElement>(new Uri(NodeAddress, path));

    /// <summary>The status of an answer of the node.</summary>
    public async Task<HttpStatusCode> Status(string path)
    {
        using var response = await _http.GetAsync(new Uri(NodeAddress, path));
        return response.StatusCode;
    }

    /// <summary>The body of an answer of the node, whatever its status.</summary>
    public async Task<string> Text(string path)
    {
        using var response = await _http.GetAsync(new Uri(NodeAddress, path));
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Posts JSON to the node. The request must succeed.</summary>
    public async Task Post<T>(string path, T body)
    {
        using var response = await _http.PostAsJsonAsync(new Uri(NodeAddress, path), body);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>The records of <c>gpu-incidents</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> Incidents() => [.. (await Records("gpu-incidents")).Select(record => record.Record)];

    /// <summary>The records of <c>gpu-pages</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> Pages() => [.. (await Records("gpu-pages")).Select(record => record.Record)];

    /// <summary>Injects a fault through the simulator's HTTP interface.</summary>
    public async Task Fault(int gpu, string kind, int seconds)
    {
        using var response = await _http.PostAsJsonAsync(
            $"{Exporters}/faults",
            new
            {
                gpu = gpu.ToString(CultureInfo.InvariantCulture),
                kind,
                duration_s = seconds,
            }
        );
        response.EnsureSuccessStatusCode();
    }

    /// <summary>
    /// Reads the alerts in <c>gpu-alerts</c>, with the broker's timestamps, by kcat, a client that shares only librdkafka with the product.
    /// </summary>
    public Task<IReadOnlyList<(long AppendMs, JsonElement Alert)>> Alerts() => Records("gpu-alerts");

    /// <summary>Reads the JSON records of a topic, with the broker's timestamps, with kcat.</summary>
    public async Task<IReadOnlyList<(long AppendMs, JsonElement Record)>> Records(string topic)
    {
        var lines = await RunningProgram.Run("kcat", "-b", Bootstrap, "-t", topic, "-C", "-e", "-q", "-o", "beginning", "-f", "%T %s\\n");
        return lines
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l =>
                (long.Parse(l.AsSpan(0, l.IndexOf(' ')), CultureInfo.InvariantCulture), JsonDocument.Parse(l[l.IndexOf(' ')..]).RootElement)
            )
            .ToList();
    }

    /// <summary>Counts the samples in the raw topic with kcat.</summary>
    public async Task<long> Produced() =>
        (await RunningProgram.Run("kcat", "-b", Bootstrap, "-t", "gpu-metrics-raw", "-C", "-e", "-q", "-o", "beginning", "-f", "%o\\n"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .LongLength;

    /// <summary>Runs a query that returns one number, with psql.</summary>
    public async Task<long> Query(string sql) =>
        long.Parse(await RunningProgram.Run("psql", _postgres.Uri, "-At", "-c", sql), CultureInfo.InvariantCulture);

    /// <summary>Runs a statement with psql.</summary>
    public Task Execute(string sql) => RunningProgram.Run("psql", _postgres.Uri, "-c", sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            await program.DisposeAsync();
        }

        _http.Dispose();
        await _kafka.DisposeAsync();
        await _postgres.DisposeAsync();
        _logs.Delete(recursive: true);
    }

    private string KernelLog => Path.Combine(_logs.FullName, "kern.log");

    private Uri NodeAddress => new(_nodeReady.Split(' ', ',').Single(w => w.StartsWith("http://", StringComparison.Ordinal)));

    private string Exporters => $"http://127.0.0.1:{_simulatorPort}";

    private async Task StartParts(int gpus)
    {
        var simulator = Keep(
            RunningProgram.GpuActors(
                "simulate",
                "--gpus",
                gpus.ToString(CultureInfo.InvariantCulture),
                "--seed",
                "1",
                "--port",
                _simulatorPort.ToString(CultureInfo.InvariantCulture),
                "--kernel-log",
                KernelLog
            )
        );
        var migrate = RunningProgram.GpuActors(
            "migrate",
            "--set",
            "storage.provider=postgres",
            "--set",
            $"storage.connection-string={_postgres.ConnectionString}"
        );
        await using (migrate)
        {
            var code = await migrate.Exited();
            if (code != 0)
            {
                throw new InvalidOperationException(migrate.Report($"ended with {code}"));
            }
        }

        await simulator.Line(l => l.Contains(_simulatorPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await StartNode();
    }

    private RunningProgram Keep(RunningProgram program)
    {
        _programs.Add(program);
        return program;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
