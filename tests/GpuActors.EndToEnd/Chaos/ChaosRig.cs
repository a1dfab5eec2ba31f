using System.Globalization;
using GpuActors.Testing;
using Npgsql;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>The environment of a chaos test: brokers, a database, nodes, the load, and the list of disturbances.</summary>
internal sealed class ChaosRig : IAsyncDisposable
{
    public const int Partitions = 12;

    private readonly DirectoryInfo _logs;
    private readonly bool _keepsLogs;
    private readonly List<Disturbance> _disturbances = [];

    private ChaosRig(
        KafkaServer kafka,
        PostgresServer postgres,
        string database,
        DirectoryInfo logs,
        bool keepsLogs,
        IReadOnlyList<ClusterNode> nodes
    )
    {
        Kafka = kafka;
        Postgres = postgres;
        Database = database;
        _logs = logs;
        _keepsLogs = keepsLogs;
        Nodes = new NodeCluster(nodes, kafka.BootstrapServers, database);
    }

    public KafkaServer Kafka { get; }

    public PostgresServer Postgres { get; }

    /// <summary>Npgsql connection string of the nodes' database.</summary>
    public string Database { get; }

    public NodeCluster Nodes { get; }

    public FleetLoad Fleet { get; private set; } = null!;

    public IReadOnlyList<Disturbance> Disturbances => _disturbances;

    /// <summary>Starts servers and nodes on the loopback interface.</summary>
    public static async Task<ChaosRig> Start(string name, int nodes, int brokers = 1)
    {
        var kafka = await KafkaServer.StartAsync(brokers);
        return await Start(name, kafka, PostgresServer.StartAsync, logs => NodeCluster.OnLoopback(nodes, logs));
    }

    /// <summary>Starts nodes with servers supplied by the caller.</summary>
    /// <param name="name">Name of the folder for logs.</param>
    /// <param name="kafka">Running brokers; the rig disposes of them.</param>
    /// <param name="startPostgres">Starts the database.</param>
    /// <param name="nodes">Creates the nodes, given the folder for logs.</param>
    public static async Task<ChaosRig> Start(
        string name,
        KafkaServer kafka,
        Func<Task<PostgresServer>> startPostgres,
        Func<DirectoryInfo, IReadOnlyList<ClusterNode>> nodes
    )
    {
        PostgresServer? postgres = null;
        ChaosRig? rig = null;
        try
        {
            postgres = await startPostgres();
            var database = await postgres.CreateDatabaseAsync();
            await Migrate(database);
            var kept = Environment.GetEnvironmentVariable("GPUACTORS_CHAOS_LOGS");
            var logs = string.IsNullOrEmpty(kept)
                ? Directory.CreateTempSubdirectory("gpuactors-chaos-")
                : Directory.CreateDirectory(Path.Combine(kept, name));
            rig = new ChaosRig(kafka, postgres, database, logs, !string.IsNullOrEmpty(kept), nodes(logs));
            await rig.Nodes.StartAll();
            return rig;
        }
        catch
        {
            await (rig is not null ? rig.DisposeAsync() : DisposeServers(kafka, postgres));
            throw;
        }
    }

    /// <summary>Creates or upgrades the schema, by running <c>gpuactors migrate</c>.</summary>
    public static async Task Migrate(string database)
    {
        await using var migrate = RunningProgram.GpuActors(
            "migrate",
            "--set",
            "storage.provider=postgres",
            "--set",
            $"storage.connection-string={database}"
        );
        var code = await migrate.Exited();
        if (code != 0)
        {
            throw new InvalidOperationException(migrate.Report($"ended with {code}"));
        }
    }

    /// <summary>
    /// Starts the load and waits until the nodes have processed its first seconds, so that the start does not affect the results. In the
    /// full form the nodes then run undisturbed for half a minute, with whose latencies those of the disturbances are compared.
    /// </summary>
    public async Task StartFleet(int gpus, TimeSpan faultsFor, double faultsPerSecond = 10)
    {
        var undisturbedFor = ChaosScale.Seconds(0, 30);
        Fleet = FleetLoad.Start(
            Kafka.BootstrapServers,
            gpus,
            Partitions,
            FaultPlan.Rate(gpus, undisturbedFor + faultsFor, faultsPerSecond)
        );
        await Eventually.Get(Stored, n => n >= gpus * 3L, n => Nodes[0].Program.Report($"{n} rows in the first minute of the load"));
        if (undisturbedFor > TimeSpan.Zero)
        {
            var undisturbed = Disturb(Disturbance.Nothing);
            await Task.Delay(undisturbedFor);
            undisturbed.UntilMs = Clock.NowMs;
        }
    }

    /// <summary>Records the start of a disturbance.</summary>
    public Disturbance Disturb(string what)
    {
        var disturbance = new Disturbance(what, Clock.NowMs);
        _disturbances.Add(disturbance);
        return disturbance;
    }

    /// <summary>Counts the rows of samples in the database.</summary>
    public Task<long> Rows() => Query("select count(*) from gpu_metrics");

    /// <summary>Gets the number of records that STORE has processed, from its offsets, which is a cheap query.</summary>
    public Task<long> Stored() => Query($"select coalesce(sum(next_offset), 0) from ingest_offsets where topic = '{FleetLoad.Topic}'");

    /// <summary>Runs a query that returns one number, with psql.</summary>
    public async Task<long> Query(string sql) =>
        long.Parse(
            await RunningProgram.Run("psql", Postgres.UriOf(new NpgsqlConnectionStringBuilder(Database).Database!), "-At", "-c", sql),
            CultureInfo.InvariantCulture
        );

    public async ValueTask DisposeAsync()
    {
        if (Fleet is not null)
        {
            await Fleet.DisposeAsync();
        }

        await Nodes.DisposeAsync();
        await DisposeServers(Kafka, Postgres);
        if (!_keepsLogs)
        {
            _logs.Delete(recursive: true);
        }
    }

    private static async ValueTask DisposeServers(KafkaServer kafka, PostgresServer? postgres)
    {
        await kafka.DisposeAsync();
        if (postgres is not null)
        {
            await postgres.DisposeAsync();
        }
    }
}
