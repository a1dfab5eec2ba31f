using GpuActors.Collector.Common;
using GpuActors.Collector.Scraping;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests.Scraping;

/// <summary>What a collector reports of an exporter, scrape by scrape.</summary>
public sealed class ExporterDownReporterTests : IAsyncDisposable
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly LogProducer _producer = new();
    private readonly CollectorCounters _counters = new();
    private readonly HttpClient _http = new();
    private readonly HashSet<GpuId> _fallen = [];
    private readonly GpuSample _gpu = new()
    {
        Gpu = new GpuRegistry().Intern(GpuId.Parse("GPU-1")),
        Info = new GpuInfo("n1", 0, "00000000:b3:00.0", "", ""),
    };

    [Fact]
    public void A_failure_or_two_are_no_outage_and_an_outage_is_repeated_until_it_is_over()
    {
        var reporter = Reporter();
        reporter.Up([_gpu]);
        reporter.Down("HTTP 500");
        reporter.Up([_gpu]);
        for (var second = 0; second < 20; second++)
        {
            reporter.Down("HTTP 500");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        reporter.Up([_gpu]);
        reporter.Up([_gpu]);

        var about = _producer.Lines.Select(l => l.Line).Where(line => line.Gpu.Value == "EXPORTER-n1:9400/metrics").ToList();
        Assert.Equal(
            [
                (0, KernelLogKind.ExporterUp),
                (3, KernelLogKind.ExporterDown),
                (8, KernelLogKind.ExporterDown),
                (13, KernelLogKind.ExporterDown),
                (18, KernelLogKind.ExporterDown),
                (20, KernelLogKind.ExporterUp),
            ],
            about.Select(line => ((int)(line.TimeMs / 1000), line.Kind))
        );
        Assert.All(about, line => Assert.Equal(0, line.Code));
    }

    [Fact]
    public void The_report_says_which_gpu_has_fallen_off_the_bus()
    {
        _fallen.Add(_gpu.Gpu.Id);
        var reporter = Reporter();
        reporter.Up([_gpu]);
        reporter.Down("HTTP 500");
        _time.Advance(TimeSpan.FromSeconds(3));
        reporter.Down("HTTP 500");

        var report = _producer.Lines.Last().Line;
        Assert.Equal((79, "HTTP 500; GPU-1 at 00000000:b3:00.0 has fallen off the bus"), (report.Code, report.Message));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _counters.Dispose();
        await _producer.DisposeAsync();
    }

    private ExporterDownReporter Reporter() =>
        new(
            new Uri("http://n1:9400/metrics"),
            new CollectorContext(_http, _producer, "raw", "gpu-logs", new GpuRegistry(), _counters, _time, new RecordingLogger()),
            _fallen.Contains
        );
}
