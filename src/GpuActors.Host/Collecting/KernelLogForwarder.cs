using System.Text;
using System.Threading.Channels;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Host.Collecting;

/// <summary>
/// Makes records of <c>gpu-logs</c> of kernel log lines. A line whose GPU no scrape has shown yet waits for a while; one that nobody can
/// place is counted and told.
/// </summary>
internal sealed class KernelLogForwarder
{
    private const int MaxQueuedLines = 1024,
        MaxWaiting = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan QueueFullLimit = TimeSpan.FromSeconds(30);

    private readonly Channel<string?> _lines = Channel.CreateBounded<string?>(
        new BoundedChannelOptions(MaxQueuedLines) { SingleReader = true }
    );
    private readonly Queue<(KernelLogLine Line, long Since)> _waiting = new();
    private readonly KernelLogReader _reader = new();
    private readonly DeviceDirectory _devices;
    private readonly string _fallbackHost;
    private readonly CollectorContext _context;
    private readonly string _topic;
    private CancellationToken _stop;
    private bool _toldUnplaced;

    /// <param name="devices">Which GPU sits where.</param>
    /// <param name="fallbackHost">Host of a switch's errors when nothing tells it.</param>
    /// <param name="topic">Topic of the records.</param>
    /// <param name="context">Producer, counters and clock.</param>
    public KernelLogForwarder(DeviceDirectory devices, string fallbackHost, string topic, CollectorContext context)
    {
        _devices = devices;
        _fallbackHost = fallbackHost;
        _topic = topic;
        _context = context;
    }

    /// <summary>Takes a line; waits while a thousand others do.</summary>
    public ValueTask TakeAsync(string line) => _lines.Writer.WriteAsync(line);

    /// <summary>A page was read: waiting lines may find their GPU now.</summary>
    public void Scraped() => _ = _lines.Writer.TryWrite(null); // A full queue brings lines, and each of them is a turn as well.

    /// <summary>No more lines come.</summary>
    public void Complete() => _lines.Writer.TryComplete();

    /// <summary>Works until <see cref="Complete"/>, then counts what still waits as not placed.</summary>
    /// <param name="stop">From then on no record waits for room in the producer's queue.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        _stop = stop;
        await foreach (var line in _lines.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await RetryAsync().ConfigureAwait(false);
            if (line is not null)
            {
                await HandleAsync(line).ConfigureAwait(false);
            }
        }

        await RetryAsync().ConfigureAwait(false);
        _context.Counters.LogUnplaced(_waiting.Count);
        _waiting.Clear();
        _context.Counters.LogWaiting(0);
    }

    private async ValueTask HandleAsync(string line)
    {
        var now = _context.Time.GetUtcNow();
        var report = _reader.Read(line, now.ToUnixTimeMilliseconds(), _context.Time.LocalTimeZone.GetUtcOffset(now));
        _context.Counters.LogRead(_reader.Suppressed);
        if (report is not { } found || await TryForwardAsync(found).ConfigureAwait(false))
        {
            return;
        }

        if (_waiting.Count == MaxWaiting)
        {
            _waiting.Dequeue();
            _context.Counters.LogDropped();
        }

        _waiting.Enqueue((found, _context.Time.GetTimestamp()));
        _context.Counters.LogWaiting(_waiting.Count);
    }

    private async ValueTask RetryAsync()
    {
        for (var left = _waiting.Count; left > 0; left--)
        {
            var (line, since) = _waiting.Dequeue();
            if (await TryForwardAsync(line).ConfigureAwait(false))
            {
                continue;
            }

            if (_context.Time.GetElapsedTime(since) < Patience)
            {
                _waiting.Enqueue((line, since));
                continue;
            }

            _context.Counters.LogUnplaced(1);
            NoteUnplaced(line);
        }

        _context.Counters.LogWaiting(_waiting.Count);
    }

    private async ValueTask<bool> TryForwardAsync(KernelLogLine line)
    {
        var host = _devices.HostOf(line.Host);
        if (line.Kind == KernelLogKind.SXid)
        {
            // No exporter's row of a GPU names a switch; its id is its place.
            var known = host ?? (line.Host.Length > 0 ? line.Host : _fallbackHost);
            await ProduceAsync(line, SwitchId(known, line.PciBusId), known).ConfigureAwait(false);
            return true;
        }

        if (host is null || _devices.Find(host, line.PciBusId) is not { } gpu)
        {
            return false;
        }

        _toldUnplaced = false;
        await ProduceAsync(line, gpu.Id, host).ConfigureAwait(false);
        return true;
    }

    // Hosts of a kind have their switches at the same places.
    private static GpuId SwitchId(string host, string pciBusId) =>
        GpuId.TryParse($"NVSWITCH-{host}-{pciBusId}", out var id) ? id : GpuId.Parse($"NVSWITCH-{pciBusId}");

    private async ValueTask ProduceAsync(KernelLogLine line, GpuId gpu, string host)
    {
        var value = KernelLogCodec.Encode(
            new KernelLogEvent(gpu, line.Kind, line.Code, line.TimeMs!.Value, host, line.PciBusId, line.Message)
        );
        var record = new OutgoingRecord(_topic, Encoding.ASCII.GetBytes(gpu.Value), value);
        var started = _context.Time.GetTimestamp();
        while (!_context.Producer.TryProduce(in record, Delivered))
        {
            if (_stop.IsCancellationRequested || _context.Time.GetElapsedTime(started) > QueueFullLimit)
            {
                _context.Counters.LogDropped();
                return;
            }

            await Task.Delay(QueueFullPause, _context.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Delivered(object? state, string? error, long offset) => _context.Counters.LogFate(error);

    // Once, until a line finds its GPU again: a host that is not scraped may log for days.
    private void NoteUnplaced(in KernelLogLine line)
    {
        if (_toldUnplaced)
        {
            return;
        }

        _toldUnplaced = true;
        _context.Notice(
            $"kernel log: no scraped exporter shows one GPU at {line.PciBusId}{(line.Host.Length > 0 ? $" of {line.Host}" : "")} ({line.Message}): add the host's exporter to collector.targets, "
                + "and set collector.kernel-log-host to the host name that its rows carry"
        );
    }
}
