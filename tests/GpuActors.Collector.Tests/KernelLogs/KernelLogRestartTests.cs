using GpuActors.Collector.Common;
using GpuActors.Collector.KernelLogs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests.KernelLogs;

/// <summary>What a restart of the collector keeps: each run is a new collector on the same log and state directory.</summary>
public sealed class KernelLogRestartTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-restart-").FullName;
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
    private readonly RecordingLogger _log = new();
    private readonly HttpClient _http = new();
    private readonly LogProducer _producer = new();
    private KernelLogStart _from = KernelLogStart.End;
    private CollectorCounters _counters = new();

    private string Log => Path.Combine(_folder, "kern.log");

    private string States => Path.Combine(_folder, "state");

    [Fact]
    public async Task A_restart_loses_and_repeats_no_xid()
    {
        Append(31);
        await Run(() => Append(62), until: () => _producer.Lines.Count == 1);
        Append(63);
        await Run(() => Append(74), until: () => _producer.Lines.Count == 3);
        await Run();

        Assert.Equal([62, 63, 74], Codes);
    }

    [Fact]
    public async Task A_report_that_no_broker_has_acknowledged_is_sent_by_the_next_run()
    {
        _producer.Failure = "Broker: not available";
        await Run(() => Append(62), until: () => _counters.LogUndelivered == 1);
        _producer.Failure = null;
        _producer.Lines.Clear();

        await Run(until: () => !_producer.Lines.IsEmpty);
        await Run();

        Assert.Equal([62], Codes);
    }

    [Fact]
    public async Task A_report_whose_gpu_was_not_known_waits_over_a_restart()
    {
        await Run(() => Append(62), until: () => _counters.LogLines == 1, scrape: false);
        Assert.Equal(0, _counters.LogUnplacedTotal);

        await Run(until: () => !_producer.Lines.IsEmpty);

        Assert.Equal([62], Codes);
    }

    [Fact]
    public async Task A_gpu_that_no_page_shows_after_a_reboot_is_known_from_before()
    {
        await Run();
        File.AppendAllText(Log, "Nov 24 10:00:01 n1 kernel: NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus.\n");

        await Run(
            () => _time.Advance(TimeSpan.FromSeconds(11)),
            until: () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return !_producer.Lines.IsEmpty;
            },
            scrape: false
        );

        Assert.Equal("GPU-1", Assert.Single(_producer.Lines).Key);
    }

    [Fact]
    public async Task The_first_page_after_a_restart_shows_whether_the_board_was_replaced()
    {
        await Run();
        Append(62);

        await Run(until: () => !_producer.Lines.IsEmpty, gpu: "GPU-2");

        Assert.Equal("GPU-2", Assert.Single(_producer.Lines).Key);
    }

    [Fact]
    public async Task A_fall_that_was_reported_before_a_restart_is_not_reported_again_by_another_text()
    {
        await Run(() => Append(79), until: () => _producer.Lines.Count == 1);
        File.AppendAllText(Log, "Nov 24 10:00:01 n1 kernel: NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus.\n");

        await Run(until: () => _counters.LogRepeated == 1);

        Assert.Equal([79], Codes);
    }

    [Fact]
    public async Task A_report_of_three_lines_is_joined_over_a_restart()
    {
        await Run(
            () => File.AppendAllText(Log, "Nov 24 10:00:01 n1 kernel: NVRM: The NVIDIA GPU 0000:b3:00.0\n"),
            until: () => _counters.LogLines == 1
        );
        File.AppendAllText(Log, "Nov 24 10:00:01 n1 kernel: NVRM: fallen off the bus and is not responding to commands.\n");

        await Run(until: () => !_producer.Lines.IsEmpty);

        Assert.Equal([79], Codes);
    }

    [Fact]
    public async Task From_the_start_older_reports_than_the_limit_are_skipped_and_counted()
    {
        File.AppendAllText(Log, "Nov 23 09:00:00 n1 kernel: NVRM: Xid (PCI:0000:b3:00): 62, old\n");
        Append(63);
        _from = KernelLogStart.Start;

        await Run(until: () => !_producer.Lines.IsEmpty);

        Assert.Equal([63], Codes);
        Assert.Equal(1, _counters.LogTooOld);
        // What is logged from now on is taken, however old it claims to be.
        await Run(
            () => File.AppendAllText(Log, "Nov 22 09:00:00 n1 kernel: NVRM: Xid (PCI:0000:b3:00): 74, odd\n"),
            until: () => _producer.Lines.Count == 2
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"version\": 99, \"source\": \"x\"}")]
    [InlineData("{\"version\": 1, \"source\": null, \"devices\": null}")]
    public async Task A_damaged_state_is_reported_and_ignored(string damaged)
    {
        await Run(() => Append(62), until: () => _producer.Lines.Count == 1);
        var file = Assert.Single(Directory.GetFiles(States));
        await File.WriteAllTextAsync(file, damaged);
        Append(63);

        await Run(() => Append(74), until: () => _producer.Lines.Count == 2);

        Assert.Equal([62, 74], Codes);
        Assert.Contains(file, Assert.Single(_log.Messages), StringComparison.Ordinal);
        _log.Messages.Clear();
        await Run();
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task A_state_that_cannot_be_saved_is_reported_once_and_costs_no_report()
    {
        await File.WriteAllTextAsync(States, "a file in place of the directory");

        await Run(() => Append(62), until: () => _producer.Lines.Count == 1);

        Assert.Equal([62], Codes);
        Assert.Contains("collector.state-directory", Assert.Single(_log.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_repeats_no_report_that_was_acknowledged_a_moment_before()
    {
        await Run(
            () => Append(62),
            until: () =>
            {
                if (_producer.Lines.IsEmpty || !File.ReadAllText(Directory.GetFiles(States)[0]).Contains("\"pending\": []"))
                {
                    return false;
                }

                // What a crash would leave.
                Directory.CreateDirectory(States + "-crash");
                var file = Directory.GetFiles(States)[0];
                File.Copy(file, Path.Combine(States + "-crash", Path.GetFileName(file)), overwrite: true);
                return File.ReadAllText(file).Contains($"\"offset\": {new FileInfo(Log).Length}");
            }
        );
        Directory.Delete(States, recursive: true);
        Directory.Move(States + "-crash", States);

        await Run();

        Assert.Equal([62], Codes);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _counters.Dispose();
        await _producer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private IEnumerable<int> Codes => _producer.Lines.Select(line => line.Line.Code);

    private void Append(int xid) => File.AppendAllText(Log, $"Nov 24 10:00:00 n1 kernel: NVRM: Xid (PCI:0000:b3:00): {xid}, x\n");

    // One collector from its start to its end; it follows the log before the action runs.
    private async Task Run(Action? action = null, Func<bool>? until = null, bool scrape = true, string gpu = "GPU-1")
    {
        if (!File.Exists(Log))
        {
            await File.WriteAllTextAsync(Log, "");
        }

        _counters.Dispose();
        _counters = new CollectorCounters();
        using var stop = new CancellationTokenSource();
        var settings = new CollectorSettings
        {
            Targets = ["http://n1:9400/metrics"],
            KernelLog = Log,
            KernelLogFrom = _from,
            StateDirectory = States,
        };
        var registry = new GpuRegistry();
        var context = new CollectorContext(_http, _producer, "raw", "gpu-logs", registry, _counters, _time, _log);
        var collector = new KernelLogCollector(settings, context);
        if (scrape)
        {
            GpuSample sample = new() { Gpu = registry.Intern(GpuId.Parse(gpu)), Info = new GpuInfo("n1", 0, "00000000:b3:00.0", "", "") };
            collector.Scraped(0, [sample]);
        }

        var running = collector.RunAsync(stop.Token);
        action?.Invoke();
        await Eventually.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            return until?.Invoke() ?? true;
        });
        await stop.CancelAsync();
        await running.Completes();
        collector.Save();
    }
}
