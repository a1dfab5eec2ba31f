using System.Globalization;
using System.Text;
using GpuActors.Kafka.Admin;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A fifth of all records is malformed: each becomes a dead letter, and valid records are hardly affected.</summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class PoisonStormSpec(ITestOutputHelper output)
{
    private const int GoodPerBad = 4;

    [SkippableFact]
    public Task In_a_full_stream_malformed_records_become_dead_letters_and_no_valid_record_is_lost() =>
        Storm(ChaosScale.Of(300_000, 2_000_000), ChaosScale.Of(20_000, 50_000));

    [SkippableFact]
    public Task In_a_backlog_malformed_records_become_dead_letters_and_no_valid_record_is_lost() =>
        Storm(ChaosScale.Of(120_000, 4_000_000), goodPerSecond: 0);

    private async Task Storm(long good, int goodPerSecond)
    {
        ChaosScale.Require();
        await using var kafka = await KafkaServer.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var clean = await Drain.Prepare("clean", kafka, postgres, good, goodPerBad: 0, goodPerSecond);
        await using var storm = await Drain.Prepare("storm", kafka, postgres, good, GoodPerBad, goodPerSecond);

        var cleanRate = await clean.Run();
        var stormRate = await storm.Run();

        var report = string.Create(
            CultureInfo.InvariantCulture,
            $"{good} valid samples{(goodPerSecond > 0 ? $", {goodPerSecond} per second" : "")}: {cleanRate:0} per second applied "
                + $"without malformed records, {stormRate:0} per second with {good / GoodPerBad} malformed records between them "
                + $"({stormRate / cleanRate:0.00})."
        );
        output.WriteLine(report);
        Console.WriteLine(report);
        Assert.Empty(clean.DeadLetters());
        var letters = storm.DeadLetters();
        Assert.Equal(good / GoodPerBad, letters.Count);
        Assert.Equal(letters.Count, letters.Select(l => (l.Partition, l.Offset)).Distinct().Count());
        Assert.All(letters, l => Assert.Equal("malformed_json", l.Reason));
    }

    /// <summary>A topic, filled beforehand or at a constant rate during the run, and a new node that processes it.</summary>
    private sealed class Drain : IAsyncDisposable
    {
        private const int Gpus = 10_000;

        private readonly string _name;
        private readonly string _bootstrap;
        private readonly string _database;
        private readonly long _good;
        private readonly int _goodPerBad;
        private readonly int _goodPerSecond;
        private readonly int _port = FreePorts.Take(1)[0];
        private readonly HttpClient _http = new();
        private RunningProgram? _node;

        private Drain(string name, string bootstrap, string database, long good, int goodPerBad, int goodPerSecond)
        {
            _name = name;
            _bootstrap = bootstrap;
            _database = database;
            _good = good;
            _goodPerBad = goodPerBad;
            _goodPerSecond = goodPerSecond;
        }

        private string Raw => $"{_name}-raw";

        private string DeadLetter => $"{_name}-dead-letter";

        public static async Task<Drain> Prepare(
            string name,
            KafkaServer kafka,
            PostgresServer postgres,
            long good,
            int goodPerBad,
            int goodPerSecond
        )
        {
            var database = await postgres.CreateDatabaseAsync();
            await ChaosRig.Migrate(database);
            var drain = new Drain(name, kafka.BootstrapServers, database, good, goodPerBad, goodPerSecond);
            using var topics = new KafkaTopics(new KafkaClientSettings { BootstrapServers = kafka.BootstrapServers });
            await topics.EnsureAsync([drain.Raw], new KafkaTopicSettings { Partitions = ChaosRig.Partitions }, CancellationToken.None);
            if (goodPerSecond == 0)
            {
                await drain.Write();
            }

            return drain;
        }

        /// <summary>Runs the node until it has applied every valid sample, then stops it.</summary>
        /// <returns>Valid samples per second, measured from the first tenth to the end.</returns>
        public async Task<double> Run()
        {
            var settings = new[]
            {
                $"kafka.bootstrap-servers={_bootstrap}",
                $"kafka.topics.raw={Raw}",
                $"kafka.topics.dead-letter={DeadLetter}",
                $"kafka.topics.alerts={_name}-alerts",
                $"detect.group-id={_name}-detect",
                "storage.provider=postgres",
                $"storage.connection-string={_database}",
                string.Create(CultureInfo.InvariantCulture, $"api.port={_port}"),
            };
            _node = RunningProgram.GpuActors(["node", "--roles", "detect", .. settings.SelectMany(s => new[] { "--set", s })]);
            var writing = _goodPerSecond > 0 ? WriteToReadyNode(_node) : Task.CompletedTask;
            var (fromMs, from) = await Reached(_good / 10);
            var (untilMs, until) = await Reached(_good * 9 / 10);
            await writing;
            var (_, applied) = await Reached(_good);
            await _node.Interrupt();
            var code = await _node.Exited();
            Assert.True(code == 0, _node.Report($"ended with {code} on Ctrl-C"));
            Assert.Equal(_good, applied);
            return (until - from) * 1000.0 / Math.Max(1, untilMs - fromMs);
        }

        public List<(string Reason, string Partition, string Offset)> DeadLetters() =>
            TopicReader.Read(
                _bootstrap,
                DeadLetter,
                record =>
                    (
                        Header(record.Message.Headers, "reason"),
                        Header(record.Message.Headers, "partition"),
                        Header(record.Message.Headers, "offset")
                    )
            );

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            if (_node is not null)
            {
                await _node.DisposeAsync();
            }
        }

        private async Task WriteToReadyNode(RunningProgram node)
        {
            await node.Line(l => l.StartsWith("ready", StringComparison.Ordinal));
            await Write();
        }

        private Task Write() => SampleFlood.Write(_bootstrap, Raw, Gpus, _good, _goodPerBad, ChaosRig.Partitions, _goodPerSecond);

        private static string Header(Confluent.Kafka.Headers headers, string name) => Encoding.UTF8.GetString(headers.GetLastBytes(name));

        private Task<(long AtMs, double Applied)> Reached(long count) =>
            Eventually.Get(Applied, a => a.Applied >= count, a => _node!.Report($"{a.Applied} of {count} samples applied"));

        // Polling starts before the node is ready, because it may have processed everything by then.
        private async Task<(long AtMs, double Applied)> Applied()
        {
            const string Name = "gpuactors_detect_samples_applied_total{} ";
            Assert.False(_node!.HasExited, _node.Report("ended by itself"));
            try
            {
                var page = await _http.GetStringAsync(
                    new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/metrics"))
                );
                return (
                    Clock.NowMs,
                    page.Split('\n').FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) is { } line
                        ? double.Parse(line[Name.Length..], CultureInfo.InvariantCulture)
                        : 0
                );
            }
            catch (HttpRequestException)
            {
                return (Clock.NowMs, 0);
            }
        }
    }
}
