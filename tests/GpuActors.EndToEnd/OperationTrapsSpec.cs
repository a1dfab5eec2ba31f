using Confluent.Kafka;
using Confluent.Kafka.Admin;
using GpuActors.Core.Codecs;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>What operators do by mistake: a node refuses it with the cause and the remedy, and harms nobody.</summary>
public sealed class OperationTrapsSpec
{
    private const string Alone = "detect,store";

    [SkippableFact]
    public async Task A_topic_with_the_producers_clock_is_refused_by_node_and_doctor_with_the_command_that_mends_it()
    {
        await using var traps = await Traps.Start();
        await traps.CreateTopic("gpu-metrics-raw", 12);

        await using var node = traps.Node("n1");
        Assert.Equal(1, await node.Exited());
        var command =
            $"kafka-configs.sh --bootstrap-server {traps.Bootstrap} --alter --entity-type topics --entity-name gpu-metrics-raw "
            + "--add-config message.timestamp.type=LogAppendTime";
        Assert.Contains(command, node.Errors, StringComparison.Ordinal);
        await using var doctor = traps.Run("doctor");
        Assert.Equal(1, await doctor.Exited());
        Assert.Contains(command, doctor.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Partitions_that_are_added_while_a_node_runs_end_it_with_the_cause()
    {
        await using var traps = await Traps.Start();
        await using var node = traps.Node("n1");
        await node.Line(line => line.StartsWith("ready", StringComparison.Ordinal));

        await traps.AddPartitions("gpu-metrics-raw", 13);

        Assert.Equal(1, await node.Exited());
        Assert.Contains("gpu-metrics-raw", node.LastError, StringComparison.Ordinal);
        Assert.Contains("kafka.topics.partitions is 12", node.LastError, StringComparison.Ordinal);
        await using var again = traps.Node("n2");
        Assert.Equal(1, await again.Exited());
        Assert.Contains("topic gpu-metrics-raw has 13 partitions", again.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_node_for_which_there_is_no_partition_is_ready()
    {
        await using var traps = await Traps.Start();
        var seed = FreePorts.Take(1)[0];
        string[] settings = ["--set", "kafka.topics.partitions=1", "--set", $"node.seeds=127.0.0.1:{seed}"];
        await using var first = traps.Node("n1", [.. settings, "--set", $"node.port={seed}"]);
        await first.Line(line => line.StartsWith("ready", StringComparison.Ordinal));
        await using var second = traps.Node("n2", settings);
        var ready = await second.Line(line => line.StartsWith("ready", StringComparison.Ordinal));

        await Eventually.Get(() => Traps.Readiness(ready), body => body.Contains("\"ready\"", StringComparison.Ordinal), body => body);
    }

    [SkippableFact]
    public async Task Of_two_processes_with_one_address_the_first_ends_with_the_cause()
    {
        await using var traps = await Traps.Start();
        var port = FreePorts.Take(1)[0];
        // As in two containers: the same default host and the same port. Here they listen on two addresses.
        string[] Listen(string address) =>
            ["--set", $"node.port={port}", "--config", traps.Config($"akka.remote.dot-netty.tcp {{ hostname = \"{address}\" }}")];
        await using var first = traps.Node("n1", Listen("127.0.0.1"));
        await first.Line(line => line.StartsWith("ready", StringComparison.Ordinal));
        await using var second = traps.Node("n2", Listen("127.0.0.2"));

        Assert.Equal(1, await first.Exited());
        Assert.Contains("it has the same node.host and node.port", first.LastError, StringComparison.Ordinal);
        Assert.Contains("node.host = auto", first.LastError, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_node_that_forms_a_second_cluster_on_the_same_groups_ends_with_the_cause()
    {
        await using var traps = await Traps.Start();
        string[] quick = ["--set", "kafka.consumer.session-timeout=6s", "--set", "kafka.consumer.heartbeat-interval=1s"];
        await using var first = traps.Node("n1", quick);
        var ready = await first.Line(line => line.StartsWith("ready", StringComparison.Ordinal));
        await using var second = traps.Node("n2", quick);

        Assert.Equal(1, await second.Exited());
        Assert.Contains("have members that are in another cluster than this node", second.LastError, StringComparison.Ordinal);
        Assert.Contains("node.seeds", second.LastError, StringComparison.Ordinal);
        Assert.False(first.HasExited);
        await Eventually.Get(() => Traps.Readiness(ready), body => body.Contains("\"ready\"", StringComparison.Ordinal), body => body);
    }

    [SkippableFact]
    public async Task Of_two_clusters_with_an_active_notify_one_ends_with_the_cause()
    {
        await using var traps = await Traps.Start();
        await using var first = traps.Run("node", "--roles", "notify", "--set", "api.port=0");
        await first.Line(line => line.StartsWith("ready", StringComparison.Ordinal));
        await using var second = traps.Run("node", "--roles", "notify", "--set", "api.port=0");

        await second.Line(line => line.StartsWith("ready", StringComparison.Ordinal));

        // Each alert makes both publish.
        var alerts = 0;
        await Eventually.Until(async () =>
        {
            await traps.Produce("gpu-alerts", AlertCodec.Encode(Given.Alert($"a{alerts++}")));
            return first.HasExited || second.HasExited;
        });

        Assert.Equal(1, (first.HasExited ? first : second).ExitCode);
        var reason = first.HasExited ? first : second;
        Assert.Contains("is the active NOTIFY too (notify.transactional-id = gpu-actors-notify)", reason.Errors, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_ends_in_time_while_the_database_or_the_broker_is_away(bool broker)
    {
        await using var traps = await Traps.Start();
        await using var node = traps.Node("n1", ["--set", "node.stop-timeout=6s"]);
        await node.Line(line => line.StartsWith("ready", StringComparison.Ordinal));
        await traps.TakeAway(broker);
        await traps.Disturb(broker);

        await node.Signal("TERM");

        // Far more than the time-out: what is awaited without a limit would take longer.
        await node.Exited().WaitAsync(TimeSpan.FromMinutes(2));
    }

    private sealed class Traps(KafkaServer kafka, PostgresServer postgres) : IAsyncDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuactors-traps-");

        public string Bootstrap => kafka.BootstrapServers;

        public static async Task<Traps> Start()
        {
            var traps = new Traps(await KafkaServer.StartAsync(), await PostgresServer.StartAsync());
            await using var migrate = traps.Run("migrate");
            Assert.True(await migrate.Exited() == 0, migrate.Report("failed"));
            return traps;
        }

        public static async Task<string> Readiness(string readyLine)
        {
            using var http = new HttpClient();
            var address = readyLine.Split(' ', ',').Single(w => w.StartsWith("http://", StringComparison.Ordinal));
            using var response = await http.GetAsync(new Uri(new Uri(address), "/health/ready"));
            return await response.Content.ReadAsStringAsync();
        }

        public RunningProgram Run(string command, params string[] more) =>
            RunningProgram.GpuActors([
                command,
                "--set",
                $"kafka.bootstrap-servers={Bootstrap}",
                "--set",
                "storage.provider=postgres",
                "--set",
                $"storage.connection-string={postgres.ConnectionString}",
                .. more,
            ]);

        public RunningProgram Node(string name, params string[] more) =>
            Run("node", ["--roles", Alone, "--set", "api.port=0", "--set", $"kafka.client-id=gpuactors", .. more]);

        public string Config(string text)
        {
            var file = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N") + ".conf");
            File.WriteAllText(file, text);
            return file;
        }

        public async Task CreateTopic(string name, int partitions)
        {
            using var admin = Admin();
            await admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions }]);
        }

        public async Task AddPartitions(string name, int to)
        {
            using var admin = Admin();
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = name, IncreaseTo = to }]);
        }

        public Task TakeAway(bool broker) => broker ? kafka.KillAsync(1) : postgres.StopAsync();

        public async Task Produce(string topic, byte[] value)
        {
            using var producer = new ProducerBuilder<byte[]?, byte[]>(new ProducerConfig { BootstrapServers = Bootstrap }).Build();
            await producer.ProduceAsync(topic, new() { Key = "GPU-1"u8.ToArray(), Value = value });
        }

        // Work that cannot be finished.
        public async Task Disturb(bool broker)
        {
            if (broker)
            {
                return;
            }

            var now = TimeProvider
                .System.GetUtcNow()
                .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Bootstrap }).Build();
            for (var i = 0; i < 100; i++)
            {
                await producer.ProduceAsync(
                    "gpu-metrics-raw",
                    new() { Key = "GPU-1", Value = $"{{\"v\":1,\"gpu\":\"GPU-1\",\"ts\":\"{now}\",\"m\":{{\"gpu_temp\":61}}}}" }
                );
            }
        }

        public async ValueTask DisposeAsync()
        {
            await kafka.DisposeAsync();
            await postgres.DisposeAsync();
            _folder.Delete(recursive: true);
        }

        private IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Bootstrap }).Build();
    }
}
