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
    private readonly LogCursor? _resume;
    private readonly long _backlogSinceMs;

    public KernelLogCollector(CollectorSettings settings, CollectorContext context)
    {
        _settings = settings;
        _context = context;
        // The full host name, as exporters use it: Environment.MachineName ends at the first dot.
        var machine = Dns.GetHostName();
        _devices = new DeviceDirectory(settings.Targets, settings.KernelLogHost, machine);
        var nowMs = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        _backlogSinceMs = nowMs - (long)settings.KernelLogMaxAge.TotalMilliseconds;
        var source = settings.KernelLog == Journal ? Journal : Path.GetFullPath(settings.KernelLog);
        var file = settings.StateDirectory.Length > 0 ? new KernelLogStateFile(settings.StateDirectory, source, context.Logger) : null;
        var state = file?.Load();
        if (state is not null)
        {
            _devices.Load(state, context.Registry, nowMs);
        }

        _resume = state?.Cursor;
        var fallbackHost = settings.KernelLogHost.Length > 0 ? settings.KernelLogHost : machine;
        _forwarder = new KernelLogForwarder(_devices, fallbackHost, context, file, state) { BacklogSinceMs = _backlogSinceMs };
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

    /// <summary>Saves the state once the outcome of every record is known.</summary>
    public void Save() => _forwarder.Save();

    private async Task FollowJournalAsync(CancellationToken stop)
    {
        var journal = new KernelLogJournal("journalctl", _context.Time, _context.Logger, TimeSpan.FromSeconds(1))
        {
            From = _settings.KernelLogFrom,
            Resume = _resume,
            BacklogSinceMs = _backlogSinceMs,
        };
        var following = journal.RunAsync((line, cursor) => _forwarder.AddAsync(line, cursor), stop);
        if (_resume is null)
        {
            await _forwarder.AddAsync(journal.Started).ConfigureAwait(false);
        }

        while (!following.IsCompleted)
        {
            _forwarder.RetryWaiting();
            await Task.WhenAny(following, Task.Delay(PollInterval, _context.Time, stop)).ConfigureAwait(false);
        }

        await following.ConfigureAwait(false);
    }

    private async Task FollowFileAsync(CancellationToken stop)
    {
        using var tail = new KernelLogTail(_settings.KernelLog, _settings.KernelLogFrom, _resume, _context.Time, _context.Logger);
        LogCursor? passedOn = null;
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
                await _forwarder.AddAsync(line, isBacklog: tail.IsBacklog).ConfigureAwait(false);
            }

            if (tail.Cursor is { } cursor && (lines.Count > 0 || !ReferenceEquals(cursor, passedOn)))
            {
                passedOn = cursor;
                await _forwarder.AddAsync(cursor).ConfigureAwait(false);
            }

            return more;
        }
    }
}
