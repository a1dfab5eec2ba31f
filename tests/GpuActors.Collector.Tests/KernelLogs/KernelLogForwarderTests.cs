using GpuActors.Collector.Common;
using GpuActors.Collector.KernelLogs;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests.KernelLogs;

/// <summary>Forwarding of a log line as a record of its GPU.</summary>
public sealed class KernelLogForwarderTests : IAsyncDisposable
{
    private const string Xid = "NVRM: Xid (PCI:0000:b3:00): 79, pid=1";
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
    private readonly GpuRegistry _registry = new();
    private readonly LogProducer _producer = new();
    private readonly CollectorCounters _counters = new();
    private readonly RecordingLogger _log = new();
    private readonly HttpClient _http = new();

    [Fact]
    public async Task The_kernels_short_pci_id_matches_the_gpu_of_the_exporters_row()
    {
        var devices = Devices();
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"), ("n1", "00000000:c3:00.0", "GPU-2"));

        await Run(devices, "2026-11-24T09:59:59.5+00:00 n1 kernel: " + Xid);

        var (key, line) = Assert.Single(_producer.Lines);
        Assert.Equal("GPU-1", key);
        Assert.Equal(
            ("GPU-1", KernelLogKind.Xid, 79, "n1", "00000000:b3:00.0", Xid),
            (line.Gpu.Value, line.Kind, line.Code, line.Host, line.PciBusId, line.Message)
        );
        Assert.Equal((3, "H100", "550"), (line.Index, line.Model, line.Driver));
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds() - 500, line.TimeMs);
        Assert.Equal((1, 1, 0), (_counters.LogLines, _counters.LogDelivered, _counters.LogUnplacedTotal));
    }

    [Fact]
    public async Task A_line_waits_until_a_scrape_contains_its_gpu()
    {
        var devices = Devices();
        var (forwarder, running) = Start(devices);
        await forwarder.AddAsync(Xid);
        await Eventually.Until(() => _counters.LogLines == 1);
        Assert.Empty(_producer.Lines);

        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));
        forwarder.RetryWaiting();

        await Eventually.Until(() => !_producer.Lines.IsEmpty);
        await End(forwarder, running);
        Assert.Equal(0, _counters.LogUnplacedTotal);
    }

    [Fact]
    public async Task A_line_without_a_matching_scrape_within_five_minutes_is_counted_and_reported_once()
    {
        var devices = Devices();
        See(devices, 0, ("n1", "00000000:c3:00.0", "GPU-2"));
        var (forwarder, running) = Start(devices);
        await forwarder.AddAsync(Xid);
        await forwarder.AddAsync(Xid + "2");
        await Eventually.Until(() => _counters.LogLines == 2);

        _time.Advance(TimeSpan.FromMinutes(5));
        forwarder.RetryWaiting();
        await Eventually.Until(() => _counters.LogUnplacedTotal == 2);

        await End(forwarder, running);
        Assert.Contains("00000000:b3:00.0", Assert.Single(_log.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_more_than_256_waiting_lines_the_oldest_are_dropped_and_counted()
    {
        var devices = Devices();
        var (forwarder, running) = Start(devices);
        for (var i = 0; i < 300; i++)
        {
            await forwarder.AddAsync($"{Xid}{i}");
        }

        await Eventually.Until(() => _counters.LogLines == 300);
        Assert.Equal(44, _counters.LogsDropped);
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));
        await End(forwarder, running);

        Assert.Equal(Enumerable.Range(44, 256).Select(i => $"{Xid}{i}"), _producer.Lines.Select(l => l.Line.Message));
    }

    [Fact]
    public async Task If_hosts_have_equal_pci_ids_the_host_name_in_the_line_selects_the_gpu()
    {
        var devices = Devices(targets: 2, machine: "n1");
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));
        See(devices, 1, ("n2", "00000000:b3:00.0", "GPU-2"));

        await Run(devices, "2026-11-24T09:59:59Z N2 kernel: " + Xid);

        Assert.Equal("GPU-2", Assert.Single(_producer.Lines).Key);
    }

    [Theory]
    [InlineData("n2", "n1", "GPU-2")]
    [InlineData("", "n1", "GPU-1")]
    [InlineData("", "elsewhere", null)]
    [InlineData("n3", "n1", null)]
    public async Task Of_several_hosts_the_configured_one_is_used_or_this_machine_or_none(string named, string machine, string? gpu)
    {
        var devices = Devices(targets: 2, host: named, machine: machine);
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));
        See(devices, 1, ("n2", "00000000:b3:00.0", "GPU-2"));

        await Run(devices, "2026-11-24T09:59:59Z another kernel: " + Xid);

        Assert.Equal(gpu is null ? [] : [gpu], _producer.Lines.Select(l => l.Key));
    }

    [Fact]
    public async Task The_only_host_is_used_once_every_exporter_has_answered()
    {
        var devices = Devices(targets: 2);
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));
        Assert.Null(devices.HostOf(""));

        See(devices, 1, ("n1", "00000000:c3:00.0", "GPU-2"));
        await Run(devices, Xid);

        Assert.Equal("GPU-1", Assert.Single(_producer.Lines).Key);
    }

    [Fact]
    public async Task Lines_are_not_assigned_if_two_hosts_have_the_same_name()
    {
        var devices = Devices(targets: 2);
        for (var scrape = 0; scrape < 3; scrape++)
        {
            See(devices, 0, ("localhost", "00000000:b3:00.0", "GPU-1"));
            See(devices, 1, ("localhost", "00000000:b3:00.0", "GPU-2"));
        }

        await Run(devices, Xid);

        Assert.Empty(_producer.Lines);
        Assert.Equal(1, _counters.LogUnplacedTotal);
    }

    [Fact]
    public async Task A_replaced_board_is_recognized_at_its_pci_id_after_ten_minutes()
    {
        var devices = Devices();
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-2"));
        Assert.Null(devices.Find("n1", "00000000:b3:00.0", out _));
        _time.Advance(TimeSpan.FromMinutes(11));
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-2"));

        await Run(devices, Xid);

        Assert.Equal("GPU-2", Assert.Single(_producer.Lines).Key);
    }

    [Fact]
    public async Task An_nvswitch_needs_no_exporter()
    {
        await Run(Devices(machine: "n7"), "nvidia-nvswitch3: SXid (PCI:0000:c3:00.0): 12028, Non-fatal, Link 32");

        var (key, line) = Assert.Single(_producer.Lines);
        Assert.Equal(("NVSWITCH-n7-00000000:c3:00.0", KernelLogKind.SXid, 12028, "n7"), (key, line.Kind, line.Code, line.Host));
    }

    [Fact]
    public async Task Ordinary_lines_are_not_forwarded()
    {
        var devices = Devices();
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));

        await Run(devices, "Nov 24 10:00:01 n1 kernel: usb 1-1: new device", Xid);

        Assert.Single(_producer.Lines);
        Assert.Equal((2, 0), (_counters.LogLines, _counters.LogRepeated));
    }

    [Fact]
    public async Task Repeated_reports_are_summed_up_in_one_record_of_their_count()
    {
        var devices = Devices();
        See(devices, 0, ("n1", "00000000:b3:00.0", "GPU-1"));

        await Run(devices, [.. Enumerable.Repeat(Xid, 1_199)]);

        Assert.Equal([1, 1_198], _producer.Lines.Select(line => line.Line.Count));
        Assert.Equal((1_199, 1_198), (_counters.LogLines, _counters.LogRepeated));
    }

    [Fact]
    public async Task A_line_with_the_text_of_an_xid_that_is_not_taken_is_counted()
    {
        await Run(
            Devices(),
            "Nov 24 10:00:01 n1 kernel: NVRM: Xid (PCI:0000:b3:00): 7",
            "Nov 24 10:00:01 n1 sh[1]: " + "NVRM: Xid (PCI:0000:b3:00): 79, x"
        );

        Assert.Empty(_producer.Lines);
        Assert.Equal(2, _counters.LogRefused);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _counters.Dispose();
        await _producer.DisposeAsync();
    }

    private static DeviceDirectory Devices(int targets = 1, string host = "", string machine = "collector") =>
        new([.. Enumerable.Range(0, targets).Select(target => $"http://n{target}/metrics")], host, machine);

    private void See(DeviceDirectory devices, int target, params (string Host, string Pci, string Gpu)[] gpus) =>
        devices.Learn(
            target,
            gpus.Select(g => new GpuSample
                {
                    Gpu = _registry.Intern(GpuId.Parse(g.Gpu)),
                    Info = new GpuInfo(g.Host, 3, g.Pci, "H100", "550"),
                })
                .ToArray(),
            _time.GetUtcNow().ToUnixTimeMilliseconds()
        );

    private (KernelLogForwarder Forwarder, Task Running) Start(DeviceDirectory devices)
    {
        var context = new CollectorContext(_http, _producer, "raw", "gpu-logs", _registry, _counters, _time, _log);
        var forwarder = new KernelLogForwarder(devices, "n7", context);
        return (forwarder, forwarder.RunAsync(CancellationToken.None));
    }

    private async Task Run(DeviceDirectory devices, params string[] lines)
    {
        var (forwarder, running) = Start(devices);
        foreach (var line in lines)
        {
            await forwarder.AddAsync(line);
        }

        await End(forwarder, running);
    }

    private static Task End(KernelLogForwarder forwarder, Task running)
    {
        forwarder.Complete();
        return running.Completes();
    }
}
