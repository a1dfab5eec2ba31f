using System.Net;
using System.Text;
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
    private const string Gpu = "{gpu=\"0\",UUID=\"GPU-1\",modelName=\"NVIDIA H100\"}",
        Other = "{gpu=\"1\",UUID=\"GPU-2\",modelName=\"NVIDIA H100\"}";

    private static string StockPage => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Pages", "default-counters.txt"));

    [Fact]
    public async Task A_stock_exporters_page_is_refused_with_the_counters_to_enable()
    {
        await using var exporter = await Exporter.Start(StockPage);

        var run = await TestRun.Of(
            "doctor",
            "--json",
            "--timeout",
            "2s",
            "--target",
            exporter.Url,
            "--set",
            "kafka.bootstrap-servers=127.0.0.1:1"
        );

        var check = Checks(run)[0];
        Assert.Equal("fail", check.GetProperty("status").GetString());
        Assert.Equal(
            "2 GPUs: all without throttle_reasons, ecc_sbe_volatile, ecc_dbe_volatile: alerts for these cannot work",
            check.GetProperty("detail").GetString()
        );
        Assert.Equal(
            [
                "Add to the exporter's counters file (-f), or start it with deploy/dcgm/counters.csv, which has them all:",
                "DCGM_FI_DEV_CLOCKS_EVENT_REASONS, gauge, Clock throttle reasons (NVML bit mask).",
                "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL, counter, Single-bit ECC errors since driver load.",
                "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL, counter, Double-bit ECC errors since driver load.",
                "An exporter before 4.0 calls the throttle reasons DCGM_FI_DEV_CLOCK_THROTTLE_REASONS",
            ],
            check.GetProperty("remedy").GetString()!.Split('\n')
        );
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public void A_gpu_that_lacks_what_others_have_is_named()
    {
        var result = Judge(
            Required(Gpu)
                + Required(Other)
                    .Replace($"ECC_DBE_VOL_TOTAL{Other} 1", $"ECC_DBE_VOL_TOTAL{Other} 9223372036854775794", StringComparison.Ordinal)
        );

        Assert.Equal(CheckStatus.Fail, result.Status);
        Assert.Equal("2 GPUs: GPU 1 (GPU-2) without ecc_dbe_volatile: alerts for these cannot work", result.Detail);
        Assert.DoesNotContain("counters", result.Remedy, StringComparison.Ordinal);
    }

    // dcgm-exporter issue 700: no row until a GPU's first XID.
    [Fact]
    public void A_missing_xid_gauge_alone_is_no_failure()
    {
        var page = string.Join('\n', Required(Gpu).Split('\n').Where(line => !line.Contains("XID_ERROR", StringComparison.Ordinal)));

        var result = Judge(page);

        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Contains("XID_ERRORS", result.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Renamed_fields_count_and_optional_ones_only_warn()
    {
        var result = Judge(Required(Gpu));

        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Contains("DCGM_FI_PROF_SM_ACTIVE", result.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_of_clock_events_stand_in_for_throttle_reasons() =>
        Assert.Equal(
            CheckStatus.Warn,
            Judge(
                Required(Gpu)
                    .Replace($"DCGM_FI_DEV_CLOCKS_EVENT_REASONS{Gpu} 1", $"DCGM_EXP_CLOCK_EVENTS_COUNT{Gpu} 0", StringComparison.Ordinal)
            ).Status
        );

    [Fact]
    public void A_page_with_lines_that_can_not_be_read_warns_of_the_first()
    {
        var result = Judge("some text\nDCGM_FI_DEV_SM_CLOCK{gpu=\"0\"} 1\n" + Required(Gpu));

        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Contains("line 2: the row has no UUID label", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_something_else_is_told_apart() => Assert.Equal(CheckStatus.Fail, Judge("# HELP up Up\nup 1\n").Status);

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
        Assert.Contains(
            "kafka.topics.partitions = 3",
            checks["topic gpu-alerts"].GetProperty("remedy").GetString(),
            StringComparison.Ordinal
        );
        Assert.Equal("warn", checks["topic gpu-metrics-dead-letter"].GetProperty("status").GetString());
    }

    private static CheckResult Judge(string page) => ExporterCheck.Judge("x", Encoding.UTF8.GetBytes(page));

    private static string Required(string gpu) =>
        string.Concat(
            new[]
            {
                "GPU_TEMP_CELSIUS",
                "BOARD_POWER_WATTS",
                "CLOCKS_EVENT_REASONS",
                "ECC_SBE_VOL_TOTAL",
                "ECC_DBE_VOL_TOTAL",
                "XID_ERROR",
            }.Select(f => $"DCGM_FI_DEV_{f}{gpu} 1\n")
        );

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
