using System.Text;
using System.Threading.Channels;
using GpuActors.Collector.Common;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Turns kernel log lines into records of the log topic. A report whose GPU no scrape has shown yet waits up to five minutes; after that it
/// is counted as unplaced and logged.
/// </summary>
internal sealed class KernelLogForwarder
{
    private const int MaxQueuedLines = 1024;
    private const int MaxWaiting = 256;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SumUpEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan QueueFullLimit = TimeSpan.FromSeconds(30);

    // A null line asks for another attempt at the waiting reports.
    private readonly Channel<string?> _lines = Channel.CreateBounded<string?>(
        new BoundedChannelOptions(MaxQueuedLines) { SingleReader = true }
    );
    private readonly Queue<(KernelLogLine Line, long Since)> _waiting = new();
    private readonly KernelLogReader _reader = new();
    private readonly DeviceDirectory _devices;
    private readonly string _fallbackHost;
    private readonly CollectorContext _context;
    private CancellationToken _stop;
    private long _summedUp;
    private bool _unplacedLogged;

    /// <param name="devices">Finds the GPU at a PCI bus id.</param>
    /// <param name="fallbackHost">Host of an NVSwitch error whose line and scrapes name none.</param>
    /// <param name="context">Producer, counters and clock.</param>
    public KernelLogForwarder(DeviceDirectory devices, string fallbackHost, CollectorContext context)
    {
        _devices = devices;
        _fallbackHost = fallbackHost;
        _context = context;
    }

    /// <summary>Queues a line; waits while the queue is full.</summary>
    public ValueTask AddAsync(string line) => _lines.Writer.WriteAsync(line);

    /// <summary>
    /// Asks for another attempt at the waiting reports, and to sum up repetitions: after a page was read, and from time to time.
    /// </summary>
    public void RetryWaiting() => _ = _lines.Writer.TryWrite(null); // With a full queue, the next line makes the attempt.

    /// <summary>No more lines follow.</summary>
    public void Complete() => _lines.Writer.TryComplete();

    /// <summary>Forwards until <see cref="Complete"/>, then counts the reports that still wait as unplaced.</summary>
    /// <param name="stop">Once cancelled, a record that finds the producer's queue full is dropped.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        _stop = stop;
        await foreach (var line in _lines.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await ForwardWaitingAsync().ConfigureAwait(false);
            if (line is not null)
            {
                await HandleAsync(line).ConfigureAwait(false);
            }

            if (_context.Time.GetElapsedTime(_summedUp) >= SumUpEvery)
            {
                await SumUpAsync().ConfigureAwait(false);
            }
        }

        await SumUpAsync().ConfigureAwait(false);
        await ForwardWaitingAsync().ConfigureAwait(false);
        _context.Counters.LogUnplaced(_waiting.Count);
        _waiting.Clear();
        _context.Counters.LogWaiting(0);
    }

    private async ValueTask HandleAsync(string line)
    {
        var now = _context.Time.GetUtcNow();
        var report = _reader.Read(line, now.ToUnixTimeMilliseconds(), _context.Time.LocalTimeZone.GetUtcOffset(now));
        _context.Counters.LogRead(_reader.Suppressed, _reader.OddPrefixes, _reader.Refused);
        if (report is { } found)
        {
            await ForwardAsync(found).ConfigureAwait(false);
        }
    }

    private async ValueTask SumUpAsync()
    {
        _summedUp = _context.Time.GetTimestamp();
        foreach (var report in _reader.TakeRepeated())
        {
            await ForwardAsync(report).ConfigureAwait(false);
        }
    }

    private async ValueTask ForwardAsync(KernelLogLine report)
    {
        if (await TryForwardAsync(report).ConfigureAwait(false))
        {
            return;
        }

        if (_waiting.Count == MaxWaiting)
        {
            _waiting.Dequeue();
            _context.Counters.LogReportDropped();
        }

        _waiting.Enqueue((report, _context.Time.GetTimestamp()));
        _context.Counters.LogWaiting(_waiting.Count);
    }

    private async ValueTask ForwardWaitingAsync()
    {
        for (var left = _waiting.Count; left > 0; left--)
        {
            var (line, since) = _waiting.Dequeue();
            if (await TryForwardAsync(line).ConfigureAwait(false))
            {
                continue;
            }

            if (_context.Time.GetElapsedTime(since) < MaxWait)
            {
                _waiting.Enqueue((line, since));
                continue;
            }

            _context.Counters.LogUnplaced(1);
            LogUnplaced(line);
        }

        _context.Counters.LogWaiting(_waiting.Count);
    }

    private async ValueTask<bool> TryForwardAsync(KernelLogLine line)
    {
        var host = _devices.HostOf(line.Host);
        if (line.Kind == KernelLogKind.SXid)
        {
            // Exporters show no NVSwitch, so its id is made of its host and PCI bus id.
            var known = host ?? (line.Host.Length > 0 ? line.Host : _fallbackHost);
            await ProduceAsync(line, SwitchId(known, line.PciBusId), known).ConfigureAwait(false);
            return true;
        }

        if (host is null || _devices.Find(host, line.PciBusId) is not { } gpu)
        {
            return false;
        }

        _unplacedLogged = false;
        if (line.Code == KernelLogParser.FallenOffBusCode)
        {
            _devices.Fell(gpu.Id, _context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        await ProduceAsync(line, gpu.Id, host).ConfigureAwait(false);
        return true;
    }

    // Hosts of the same type have their switches at the same PCI bus ids, so the id contains the host where that makes a valid id.
    private static GpuId SwitchId(string host, string pciBusId) =>
        GpuId.TryParse($"NVSWITCH-{host}-{pciBusId}", out var id) ? id : GpuId.Parse($"NVSWITCH-{pciBusId}");

    private async ValueTask ProduceAsync(KernelLogLine line, GpuId gpu, string host)
    {
        var value = KernelLogCodec.Encode(
            new KernelLogEvent(gpu, line.Kind, line.Code, line.TimeMs!.Value, host, line.PciBusId, line.Message) { Count = line.Count }
        );
        var record = new OutgoingRecord(_context.LogTopic, Encoding.ASCII.GetBytes(gpu.Value), value);
        var started = _context.Time.GetTimestamp();
        while (!_context.Producer.TryProduce(in record, Delivered))
        {
            if (_stop.IsCancellationRequested || _context.Time.GetElapsedTime(started) > QueueFullLimit)
            {
                _context.Counters.LogReportDropped();
                return;
            }

            await Task.Delay(QueueFullPause, _context.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Delivered(object? state, string? error, long offset) => _context.Counters.LogReportDelivered(error);

    // One event until a report is placed again: a host that is not scraped may log for days.
    private void LogUnplaced(in KernelLogLine line)
    {
        if (_unplacedLogged)
        {
            return;
        }

        _unplacedLogged = true;
        var place = line.Host.Length > 0 ? $"{line.PciBusId} of {line.Host}" : line.PciBusId;
        _context.Logger.ReportUnplaced(place, line.Message);
    }
}
