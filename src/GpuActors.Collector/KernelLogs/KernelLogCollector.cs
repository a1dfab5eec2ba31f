using System.Net;
using GpuActors.Collector.Common;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.KernelLogs;

/// <summary>Follows the kernel log of a host and forwards its reports on GPUs and NVSwitches.</summary>
internal sealed class KernelLogCollector
{
    private const string Journal = "journal";

    // Short against the second within which an alert must follow its line.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly CollectorSettings _settings;
    private readonly CollectorContext _context;
    private readonly DeviceDirectory _devices;
    private readonly KernelLogForwarder _forwarder;

    public KernelLogCollector(CollectorSettings settings, CollectorContext context)
    {
        _settings = settings;
        _context = context;
        // The full host name, as exporters use it: Environment.MachineName ends at the first dot.
        var machine = Dns.GetHostName();
        _devices = new DeviceDirectory(settings.Targets.Count, settings.KernelLogHost, machine);
        _forwarder = new KernelLogForwarder(_devices, settings.KernelLogHost.Length > 0 ? settings.KernelLogHost : machine, context);
    }

    /// <summary>Learns the GPUs of a page, so that reports that wait for one of them can be forwarded.</summary>
    /// <param name="target">Position of the exporter among the targets.</param>
    /// <param name="samples">The page's samples.</param>
    public void Scraped(int target, ReadOnlySpan<GpuSample> samples)
    {
        _devices.Learn(target, samples, _context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        _forwarder.RetryWaiting();
    }

    /// <summary>Whether the log says that a GPU has fallen off the bus within the last hour.</summary>
    public bool HasFallenOff(GpuId gpu) => _devices.HasFallen(gpu, _context.Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Follows until cancelled, then forwards what has been read.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var forwarding = _forwarder.RunAsync(stop);
        try
        {
            await (_settings.KernelLog == Journal ? FollowJournalAsync(stop) : FollowFileAsync(stop)).ConfigureAwait(false);
        }
        finally
        {
            _forwarder.Complete();
            await forwarding.ConfigureAwait(false);
        }
    }

    private Task FollowJournalAsync(CancellationToken stop) =>
        new KernelLogJournal("journalctl", _settings.KernelLogFrom, _context.Time, _context.Logger, TimeSpan.FromSeconds(1)).RunAsync(
            _forwarder.AddAsync,
            stop
        );

    private async Task FollowFileAsync(CancellationToken stop)
    {
        using var tail = new KernelLogTail(_settings.KernelLog, _settings.KernelLogFrom, _context.Time, _context.Logger);
        var lines = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            if (!await ReadAsync(tail.Poll).ConfigureAwait(false))
            {
                _forwarder.RetryWaiting();
                await Task.Delay(PollInterval, _context.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        while (await ReadAsync(tail.Poll).ConfigureAwait(false)) { }
        _ = await ReadAsync(tail.End).ConfigureAwait(false);

        async ValueTask<bool> ReadAsync(Func<List<string>, bool> read)
        {
            lines.Clear();
            var more = read(lines);
            foreach (var line in lines)
            {
                await _forwarder.AddAsync(line).ConfigureAwait(false);
            }

            return more;
        }
    }
}
