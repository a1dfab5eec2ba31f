using System.Text.Json;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>Exporter page in, alert and row out, over a real broker and a real database.</summary>
public sealed class PipelineSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Injected_faults_reach_kcat_within_a_second_and_psql_counts_every_sample()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        // The first sight of a counter is its baseline: the faults come after it.
        await Eventually.Get(pipeline.Produced, n => n >= 64, Patience, n => $"only {n} samples were produced");

        await pipeline.Fault(gpu: 3, "power_brake", seconds: 20);
        await pipeline.Fault(gpu: 5, "dbe", seconds: 20);

        var alerts = await Eventually.Get(pipeline.Alerts, a => Firing(a, "power_brake").Any() && Firing(a, "ecc_dbe").Any(), Patience,
            a => pipeline.Node.Report($"alerts seen: {string.Join(' ', a.Select(x => x.Alert.GetProperty("rule")))}"));
        foreach (var (appended, alert) in Firing(alerts, "power_brake").Concat(Firing(alerts, "ecc_dbe")))
        {
            var sampleAppended = alert.GetProperty("ingested_at").GetDateTimeOffset().ToUnixTimeMilliseconds();
            Assert.InRange(appended - sampleAppended, 0, 1000);
            Assert.Equal("critical", alert.GetProperty("severity").GetString());
            Assert.StartsWith("GPU-", alert.GetProperty("gpu").GetString(), StringComparison.Ordinal);
        }

        await pipeline.Collector.Interrupt();
        Assert.Equal(0, await pipeline.Collector.Exited(Patience));
        await AssertEveryRowOnce(pipeline);
        await Eventually.Get(() => pipeline.Query("select count(*) from gpu_alerts where state = 'firing'"), n => n >= 2, Patience, n => $"{n} firing alerts stored");
    }

    [SkippableFact]
    public async Task Stopping_a_node_with_ctrl_c_and_starting_it_again_loses_and_doubles_no_row()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        await Eventually.Get(() => pipeline.Query("select count(*) from gpu_metrics"), n => n > 0, Patience, n => pipeline.Node.Report("no row was written"));

        await pipeline.Node.Interrupt();
        var code = await pipeline.Node.Exited(Patience);
        Assert.True(code == 0, pipeline.Node.Report($"ended with {code} on Ctrl-C"));
        var before = await pipeline.Produced();
        await Eventually.Get(pipeline.Produced, n => n > before + 32, Patience, n => $"{n} samples were produced");
        await pipeline.StartNode();

        await pipeline.Collector.Interrupt();
        Assert.Equal(0, await pipeline.Collector.Exited(Patience));
        await AssertEveryRowOnce(pipeline);
    }

    [SkippableFact]
    public async Task Killing_a_node_loses_and_doubles_no_row()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        await Eventually.Get(() => pipeline.Query("select count(*) from gpu_metrics"), n => n > 0, Patience, n => pipeline.Node.Report("no row was written"));

        pipeline.Node.Kill();
        await pipeline.Node.Exited(Patience);
        await pipeline.StartNode();
        var before = await pipeline.Produced();
        await Eventually.Get(pipeline.Produced, n => n > before + 32, Patience, n => $"{n} samples were produced");

        await pipeline.Collector.Interrupt();
        Assert.Equal(0, await pipeline.Collector.Exited(Patience));
        await AssertEveryRowOnce(pipeline);
    }

    private static async Task AssertEveryRowOnce(Pipeline pipeline)
    {
        var produced = await pipeline.Produced();
        await Eventually.Get(() => pipeline.Query("select count(*) from gpu_metrics"), n => n >= produced, Patience,
            n => pipeline.Node.Report($"{n} rows of {produced} samples"));
        Assert.Equal(produced, await pipeline.Query("select count(*) from gpu_metrics"));
        Assert.Equal(produced, await pipeline.Query("select count(*) from (select distinct gpu_uuid, time from gpu_metrics) d"));
    }

    private static IEnumerable<(long AppendMs, JsonElement Alert)> Firing(IEnumerable<(long AppendMs, JsonElement Alert)> alerts, string rule) =>
        alerts.Where(a => a.Alert.GetProperty("rule").GetString() == rule && a.Alert.GetProperty("state").GetString() == "firing");
}
