using System.Text;
using System.Text.Json;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Kafka;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd;

/// <summary>From exporter pages to alerts and rows, with a real broker and a real database.</summary>
public sealed class PipelineSpec(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Injected_faults_become_alerts_and_every_sample_becomes_a_row()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        // The first value of a counter is its baseline, so the faults must come later.
        await Eventually.Get(pipeline.Produced, n => n >= 64, n => $"only {n} samples were produced");

        await pipeline.Fault(gpu: 3, "power_brake", seconds: 20);
        await pipeline.Fault(gpu: 5, "dbe", seconds: 20);

        var alerts = await Eventually.Get(
            pipeline.Alerts,
            a => Firing(a, "power_brake").Any() && Firing(a, "ecc_dbe").Any(),
            a => pipeline.Node.Report($"alerts seen: {string.Join(' ', a.Select(x => x.Alert.GetProperty("rule")))}")
        );
        foreach (var (appended, alert) in Firing(alerts, "power_brake").Concat(Firing(alerts, "ecc_dbe")))
        {
            var sampleAppended = alert.GetProperty("ingested_at").GetDateTimeOffset().ToUnixTimeMilliseconds();
            Assert.True(appended >= sampleAppended);
            output.WriteLine($"{alert.GetProperty("rule")}: {appended - sampleAppended} ms from append to append");
            Assert.Equal("critical", alert.GetProperty("severity").GetString());
            Assert.StartsWith("GPU-", alert.GetProperty("gpu").GetString(), StringComparison.Ordinal);
        }

        await pipeline.Collector.Interrupt();
        Assert.Equal(0, await pipeline.Collector.Exited());
        await AssertEveryRowOnce(pipeline);
        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_alerts where state = 'firing'"),
            n => n >= 2,
            n => $"{n} firing alerts stored"
        );
    }

    [SkippableFact]
    public async Task Restarting_a_node_with_ctrl_c_loses_and_duplicates_no_row()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_metrics"),
            n => n > 0,
            n => pipeline.Node.Report("no row was written")
        );

        await pipeline.Node.Interrupt();
        var code = await pipeline.Node.Exited();
        Assert.True(code == 0, pipeline.Node.Report($"ended with {code} on Ctrl-C"));
        var before = await pipeline.Produced();
        await Eventually.Get(pipeline.Produced, n => n > before + 32, n => $"{n} samples were produced");
        await pipeline.StartNode();

        await pipeline.Collector.Interrupt();
        Assert.Equal(0, await pipeline.Collector.Exited());
        await AssertEveryRowOnce(pipeline);
    }

    [SkippableFact]
    public async Task Killing_a_node_loses_and_duplicates_no_row()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_metrics"),
            n => n > 0,
            n => pipeline.Node.Report("no row was written")
        );

        pipeline.Node.Kill();
        await pipeline.Node.Exited();
        await pipeline.StartNode();
        var before = await pipeline.Produced();
        await Eventually.Get(pipeline.Produced, n => n > before + 32, n => $"{n} samples were produced");

        await pipeline.Collector.Interrupt();
        Assert.Equal(0, await pipeline.Collector.Exited());
        await AssertEveryRowOnce(pipeline);
    }

    [SkippableFact]
    public async Task Predictions_are_stored_once_each_even_if_the_node_is_killed()
    {
        const int Gpus = 500;
        await using var pipeline = await Pipeline.Start(gpus: 1);
        await using var producer = new KafkaRecordProducer(
            new KafkaClientSettings { BootstrapServers = pipeline.Bootstrap },
            new KafkaProducerSettings()
        );
        void Predict(int minute) =>
            Assert.All(Enumerable.Range(0, Gpus), gpu => Assert.True(producer.TryProduce(PredictionOf(gpu, minute))));

        Predict(0);
        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_failure_predictions"),
            n => n > 0,
            n => pipeline.Node.Report("no prediction was written")
        );
        Assert.True(producer.TryProduce(new OutgoingRecord("gpu-predictions", null, "{}"u8.ToArray())));
        Predict(5);
        pipeline.Node.Kill();
        await pipeline.Node.Exited();
        await producer.FlushAsync(CancellationToken.None);
        await pipeline.StartNode();
        Predict(10);

        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_failure_predictions"),
            n => n >= 3 * Gpus,
            n => pipeline.Node.Report($"{n} rows of {3 * Gpus} predictions")
        );
        Assert.Equal(3 * Gpus, await pipeline.Query("select count(*) from gpu_failure_predictions where failure_probability_30d = 0.25"));
        Assert.Equal(3 * Gpus + 1, await pipeline.Query("select sum(next_offset) from ingest_offsets where topic = 'gpu-predictions'"));
    }

    private static OutgoingRecord PredictionOf(int gpu, int minute)
    {
        var id = $"GPU-{gpu:x8}-0000-0000-0000-000000000000";
        var prediction = new FailurePrediction
        {
            Gpu = GpuId.Parse(id),
            PredictionTimeMs = 1_795_000_000_000 + (minute * 60_000L),
            FailureProbability7d = 0.125,
            FailureProbability30d = 0.25,
            FailureProbability90d = 0.5,
            ModelVersion = "1",
        };
        return new OutgoingRecord("gpu-predictions", Encoding.ASCII.GetBytes(id), PredictionCodec.Encode(prediction));
    }

    private static async Task AssertEveryRowOnce(Pipeline pipeline)
    {
        var produced = await pipeline.Produced();
        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_metrics"),
            n => n >= produced,
            n => pipeline.Node.Report($"{n} rows of {produced} samples")
        );
        Assert.Equal(produced, await pipeline.Query("select count(*) from gpu_metrics"));
        Assert.Equal(produced, await pipeline.Query("select count(*) from (select distinct gpu_uuid, time from gpu_metrics) d"));
    }

    private static IEnumerable<(long AppendMs, JsonElement Alert)> Firing(
        IEnumerable<(long AppendMs, JsonElement Alert)> alerts,
        string rule
    ) => alerts.Where(a => a.Alert.GetProperty("rule").GetString() == rule && a.Alert.GetProperty("state").GetString() == "firing");
}
