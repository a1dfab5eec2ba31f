using System.Net;
using System.Text.Json;
using GpuActors.Host.Doctor;
using GpuActors.Kafka.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class DoctorTests
{
    private const string Gpu = "{gpu=\"0\",UUID=\"GPU-1\",modelName=\"NVIDIA H100\"}";

    [Fact]
    public async Task A_stock_exporters_page_is_refused_with_the_counters_to_enable()
    {
        await using var exporter = await Exporter.Start($"# TYPE DCGM_FI_DEV_GPU_TEMP gauge\nDCGM_FI_DEV_GPU_TEMP{Gpu} 61\nDCGM_FI_DEV_POWER_USAGE{Gpu} 300.5\nDCGM_FI_DEV_XID_ERRORS{Gpu} 0\n");

        var run = await TestRun.Of("doctor", "--json", "--timeout", "2s", "--target", exporter.Url, "--set", "kafka.bootstrap-servers=127.0.0.1:1");

        var check = Checks(run)[0];
        Assert.Equal("fail", check.GetProperty("status").GetString());
        Assert.Contains("throttle_reasons", check.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("DCGM_FI_DEV_CLOCK_THROTTLE_REASONS", check.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Contains("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", check.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("GPU_TEMP", check.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public void Renamed_fields_count_and_optional_ones_only_warn()
    {
        string[] families = ["GPU_TEMP_CELSIUS", "BOARD_POWER_WATTS", "CLOCKS_EVENT_REASONS", "ECC_SBE_VOL_TOTAL", "ECC_DBE_VOL_TOTAL", "XID_ERROR"];

        var result = ExporterCheck.Judge("x", string.Concat(families.Select(f => $"DCGM_FI_DEV_{f}{Gpu} 1\n")));

        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Contains("DCGM_FI_PROF_SM_ACTIVE", result.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_something_else_is_told_apart() =>
        Assert.Equal(CheckStatus.Fail, ExporterCheck.Judge("x", "# HELP up Up\nup 1\n").Status);

    [Fact]
    public async Task Brokers_and_topics_are_counted_against_the_settings()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("gpu-metrics-raw", 12);
        broker.CreateTopic("gpu-alerts", 3);

        var run = await TestRun.Of("doctor", "--json", "--timeout", "5s", "--set", "kafka.bootstrap-servers=" + broker.BootstrapServers);

        var checks = Checks(run).ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal("ok", checks["topic gpu-metrics-raw"].GetProperty("status").GetString());
        Assert.Equal("fail", checks["topic gpu-alerts"].GetProperty("status").GetString());
        Assert.Contains("kafka.topics.partitions = 3", checks["topic gpu-alerts"].GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Equal("warn", checks["topic gpu-metrics-dead-letter"].GetProperty("status").GetString());
    }

    private static JsonElement[] Checks(TestRun run) => [.. JsonDocument.Parse(run.Out).RootElement.GetProperty("checks").EnumerateArray()];

    private sealed class Exporter : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Exporter(WebApplication app) => _app = app;

        public string Url => _app.Urls.First() + "/metrics";

        public static async Task<Exporter> Start(string page)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            app.Run(context => context.Response.WriteAsync(page));
            await app.StartAsync();
            return new Exporter(app);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
