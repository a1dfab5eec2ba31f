using System.Globalization;
using System.Text;
using GpuActors.Kafka.Admin;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A fifth of all records is no sample: each is set aside with its reason, and the good ones hardly notice.</summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class PoisonStormSpec(ITestOutputHelper output)
{
    private const int GoodPerBad = 4;

    [SkippableFact]
    public async Task A_storm_of_malformed_records_loses_no_good_one_and_every_bad_one_becomes_a_dead_letter()
    {
        ChaosScale.Require();
        var good = ChaosScale.Of(120_000, 1_000_000);
        await using var kafka = await KafkaServer.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var clean = await Drain.Prepare("clean", kafka, postgres, good, goodPerBad: 0);
        await using var storm = await Drain.Prepare("storm", kafka, postgres, good, GoodPerBad);

        var cleanRate = await clean.Run();
        var stormRate = await storm.Run();

        var told = string.Create(CultureInfo.InvariantCulture,
            $"{good} good samples: {cleanRate:0} a second among themselves, {stormRate:0} a second with {good / GoodPerBad} malformed ones between them ({stormRate / cleanRate:0.00}).");
        output.WriteLine(told);
        Console.WriteLine(told);
        Assert.Empty(clean.DeadLetters());
        var letters = storm.DeadLetters();
        Assert.Equal(good / GoodPerBad, letters.Count);
        Assert.Equal(letters.Count, letters.Select(l => (l.Partition, l.Offset)).Distinct().Count());
        Assert.All(letters, l => Assert.Equal("malformed_json", l.Reason));
    }

    /// <summary>A topic of its own, filled beforehand, and a fresh node that works it off.</summary>
    private sealed class Drain : IAsyncDisposable
    {
        private const int Gpus = 1_000;
        private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

        private readonly string _name;
        private readonly string _bootstrap;
        private readonly string _database;
        private readonly long _good;
        private readonly int _port = FreePorts.Take(1)[0];
        private readonly HttpClient _http = new();
        private RunningProgram? _node;

        private Drain(string name, string bootstrap, string database, long good)
        {
            _name = name;
            _bootstrap = bootstrap;
            _database = database;
            _good = good;
        }

        private string Raw => $"{_name}-raw";

        private string DeadLetter => $"{_name}-dead-letter";

        public static async Task<Drain> Prepare(string name, KafkaServer kafka, PostgresServer postgres, long good, int goodPerBad)
        {
            var database = await postgres.CreateDatabaseAsync();
            await ChaosRig.Migrate(database);
            var drain = new Drain(name, kafka.BootstrapServers, database, good);
            using var topics = new KafkaTopics(new KafkaClientSettings { BootstrapServers = kafka.BootstrapServers });
            await topics.EnsureAsync([drain.Raw], new KafkaTopicSettings { Partitions = ChaosRig.Partitions }, CancellationToken.None);
            await SampleFlood.Write(kafka.BootstrapServers, drain.Raw, Gpus, good, goodPerBad, ChaosRig.Partitions);
            return drain;
        }

        /// <summary>Runs the node until it has applied every good sample, then stops it.</summary>
        /// <returns>Good samples a second, from the first tenth to the last.</returns>
        public async Task<double> Run()
        {
            var settings = new[] { $"kafka.bootstrap-servers={_bootstrap}", $"kafka.topics.raw={Raw}", $"kafka.topics.dead-letter={DeadLetter}", $"kafka.topics.alerts={_name}-alerts", $"detect.group-id={_name}-detect",
                "storage.provider=postgres", $"storage.connection-string={_database}", string.Create(CultureInfo.InvariantCulture, $"api.port={_port}") };
            _node = RunningProgram.GpuActors(["node", "--roles", "detect", .. settings.SelectMany(s => new[] { "--set", s })]);
            var (fromMs, from) = await Reached(_good / 10);
            var (untilMs, until) = await Reached(_good * 9 / 10);
            var (_, applied) = await Reached(_good);
            await _node.Interrupt();
            var code = await _node.Exited(s_patience);
            Assert.True(code == 0, _node.Report($"ended with {code} on Ctrl-C"));
            Assert.Equal(_good, applied);
            return (until - from) * 1000.0 / Math.Max(1, untilMs - fromMs);
        }

        public List<(string Reason, string Partition, string Offset)> DeadLetters() => TopicReader.Read(_bootstrap, DeadLetter, record =>
            (Header(record.Message.Headers, "reason"), Header(record.Message.Headers, "partition"), Header(record.Message.Headers, "offset")));

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            if (_node is not null)
            {
                await _node.DisposeAsync();
            }
        }

        private static string Header(Confluent.Kafka.Headers headers, string name) => Encoding.UTF8.GetString(headers.GetLastBytes(name));

        private Task<(long AtMs, double Applied)> Reached(long wanted) => Eventually.Get(Applied, a => a.Applied >= wanted, s_patience, a => _node!.Report($"{a.Applied} of {wanted} samples applied"));

        // Asked from before the node is ready: by then it may be through.
        private async Task<(long AtMs, double Applied)> Applied()
        {
            const string Name = "gpuactors_detect_samples_applied_total ";
            Assert.False(_node!.HasExited, _node.Report("ended by itself"));
            try
            {
                var page = await _http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/metrics")));
                return (Clock.NowMs, page.Split('\n').FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) is { } line ? double.Parse(line[Name.Length..], CultureInfo.InvariantCulture) : 0);
            }
            catch (HttpRequestException)
            {
                return (Clock.NowMs, 0);
            }
        }
    }
}
