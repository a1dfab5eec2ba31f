using System.Text.Json;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd;

/// <summary>From a host's kernel log to XID alerts, through a real broker.</summary>
public sealed class KernelLogSpec(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task An_xid_in_the_kernel_log_becomes_an_xid_alert_of_its_gpu()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        await Eventually.Get(pipeline.Produced, n => n >= 64, n => $"only {n} samples were produced");

        await pipeline.Fault(gpu: 3, "xid", seconds: 20);
        // The exporter does not report this XID; it is in the kernel log only. GPU 11 has the same PCI bus id on the other host as GPU 3.
        await pipeline.Fault(gpu: 11, "vanish", seconds: 20);

        var alerts = await Eventually.Get(Xids, a => a.Count >= 2, a => pipeline.Node.Report($"{a.Count} XID alerts were seen"));
        // The collector also tells of its exporters.
        var logs = (await pipeline.Records("gpu-logs")).Where(l => l.Record.GetProperty("kind").GetString() != "exporter_up").ToList();

        Assert.Equal(["fallen_off_bus", "xid"], logs.Select(l => l.Record.GetProperty("kind").GetString()).Order());
        Assert.All(logs, l => Assert.Equal(79, l.Record.GetProperty("code").GetInt32()));
        Assert.Equal(Gpus(logs.Select(l => l.Record)), Gpus(alerts.Select(a => a.Alert)));
        foreach (var (appended, alert) in alerts)
        {
            Assert.Equal("79", alert.GetProperty("labels").GetProperty("xid").GetString());
            var logged = alert.GetProperty("opened_at").GetDateTimeOffset().ToUnixTimeMilliseconds();
            Assert.True(appended >= logged);
            output.WriteLine(
                $"XID alert {appended - logged} ms after its line was logged (written up to 100 ms late, read up to 200 ms later)"
            );
        }

        await pipeline.Collector.Interrupt();
        Assert.Equal(0, await pipeline.Collector.Exited());

        async Task<IReadOnlyList<(long AppendMs, JsonElement Alert)>> Xids() =>
            [
                .. (await pipeline.Alerts()).Where(a =>
                    a.Alert.GetProperty("rule").GetString() == "xid" && a.Alert.GetProperty("state").GetString() == "firing"
                ),
            ];
    }

    private static List<string?> Gpus(IEnumerable<JsonElement> records) =>
        [.. records.Select(r => r.GetProperty("gpu").GetString()).Order(StringComparer.Ordinal)];
}
