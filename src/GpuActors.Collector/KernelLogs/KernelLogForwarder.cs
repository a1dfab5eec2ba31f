using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using GpuActors.Collector.Common;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Turns kernel log lines into records of the log topic. A report whose GPU no scrape has shown yet waits up to five minutes; after that it
/// is counted as unplaced and logged. With a state file, what waits or is not acknowledged is saved together with the position in the log,
/// so that a restart loses and repeats nothing; after a crash, reports of the last moments may come twice.
/// </summary>
internal sealed class KernelLogForwarder
{
    private const int MaxQueuedLines = 1024;
    private const int MaxWaiting = 256;
    private const int MaxUnacknowledged = 4096;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SumUpEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan QueueFullLimit = TimeSpan.FromSeconds(30);

    // Within this time exporters that run have answered.
    private static readonly TimeSpan FirstPages = TimeSpan.FromSeconds(10);

    // What a crash within this time repeats is harmless: lines without reports.
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SaveAlways = TimeSpan.FromHours(1);

    private readonly Channel<Item> _items = Channel.CreateBounded<Item>(new BoundedChannelOptions(MaxQueuedLines) { SingleReader = true });
    private readonly ConcurrentDictionary<long, KernelLogLine> _unacknowledged = new();
    private readonly Queue<(KernelLogLine Line, long Since)> _waiting = new();
    private readonly KernelLogReader _reader = new();
    private readonly DeviceDirectory _devices;
    private readonly string _fallbackHost;
    private readonly CollectorContext _context;
    private readonly long _started;
    private readonly KernelLogStateFile? _file;
    private CancellationToken _stop;
    private LogCursor? _cursor;
    private LogCursor? _savedCursor;
    private bool _isBetweenBatches = true;
    private long _produced;
    private long _settled;
    private long _savedSettled;
    private long _savedDevices;
    private long _savedAt;
    private long _summedUp;
    private bool _unplacedLogged;

    /// <param name="devices">Finds the GPU at a PCI bus id.</param>
    /// <param name="fallbackHost">Host of an NVSwitch error whose line and scrapes name none.</param>
    /// <param name="context">Producer, counters and clock.</param>
    /// <param name="file">Where the state is saved; null for nowhere.</param>
    /// <param name="state">What an earlier run saved.</param>
    public KernelLogForwarder(
        DeviceDirectory devices,
        string fallbackHost,
        CollectorContext context,
        KernelLogStateFile? file = null,
        KernelLogState? state = null
    )
    {
        _devices = devices;
        _fallbackHost = fallbackHost;
        _context = context;
        _file = file;
        _started = _savedAt = context.Time.GetTimestamp();
        if (state is null)
        {
            return;
        }

        _reader.Load(state);
        _cursor = _savedCursor = state.Cursor;
        foreach (var report in state.Pending.Where(report => report.TimeMs is not null))
        {
            _waiting.Enqueue((report.Line(), _started));
        }
    }

    /// <summary>Queues a line; waits while the queue is full.</summary>
    /// <param name="line">The line.</param>
    /// <param name="cursor">The position after the line; null within a batch, before whose end no state is saved.</param>
    /// <param name="isBacklog">Whether the line may be older than <see cref="BacklogSinceMs"/>.</param>
    public ValueTask AddAsync(string line, LogCursor? cursor = null, bool isBacklog = false) =>
        _items.Writer.WriteAsync(new Item(line, cursor, isBacklog));

    /// <summary>Queues a position.</summary>
    public ValueTask AddAsync(LogCursor cursor) => _items.Writer.WriteAsync(new Item(null, cursor, false));

    /// <summary>Lines that were in the log before it was followed are skipped when they are older, Unix milliseconds.</summary>
    public long BacklogSinceMs { get; init; } = long.MinValue;

    /// <summary>
    /// Asks for another attempt at the waiting reports, and to sum up repetitions: after a page was read, and from time to time.
    /// </summary>
    public void RetryWaiting() => _ = _items.Writer.TryWrite(default); // With a full queue, the next line makes the attempt.

    /// <summary>No more lines follow.</summary>
    public void Complete() => _items.Writer.TryComplete();

    /// <summary>
    /// Forwards until <see cref="Complete"/>. Reports that still wait then are left to <see cref="Save"/>, or without a state file counted
    /// as unplaced.
    /// </summary>
    /// <param name="stop">Once cancelled, a record that finds the producer's queue full is dropped.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        _stop = stop;
        await foreach (var item in _items.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await ForwardWaitingAsync().ConfigureAwait(false);
            if (item.Line is not null)
            {
                _isBetweenBatches = false;
                await HandleAsync(item.Line, item.IsBacklog ? BacklogSinceMs : long.MinValue).ConfigureAwait(false);
            }

            if (item.Cursor is not null)
            {
                _cursor = item.Cursor;
                _isBetweenBatches = true;
            }

            if (_context.Time.GetElapsedTime(_summedUp) >= SumUpEvery)
            {
                await SumUpAsync().ConfigureAwait(false);
            }

            SaveIfDue();
        }

        await SumUpAsync().ConfigureAwait(false);
        await ForwardWaitingAsync().ConfigureAwait(false);
        if (_file is null)
        {
            _context.Counters.LogUnplaced(_waiting.Count);
            _waiting.Clear();
            _context.Counters.LogWaiting(0);
        }
    }

    /// <summary>Saves the state, after <see cref="RunAsync"/> and when the outcome of every record is known.</summary>
    public void Save()
    {
        _savedAt = _context.Time.GetTimestamp();
        // Read first: what changes meanwhile is saved the next time.
        (_savedCursor, _savedDevices) = (_cursor, _devices.Changes);
        _savedSettled = Interlocked.Read(ref _settled);
        _file?.Save(
            _devices.Save(
                _reader.Save(
                    new KernelLogState
                    {
                        Version = KernelLogState.CurrentVersion,
                        Source = _file.Source,
                        Cursor = _cursor,
                        Pending =
                        [
                            .. _unacknowledged.OrderBy(report => report.Key).Select(report => SavedReport.Of(report.Value)),
                            .. _waiting.Select(waiting => SavedReport.Of(waiting.Line)),
                        ],
                    }
                )
            )
        );
    }

    // A report that is acknowledged must not come again; other lines may be read again.
    private void SaveIfDue()
    {
        if (_file is null || !_isBetweenBatches)
        {
            return;
        }

        var isUrgent = Interlocked.Read(ref _settled) != _savedSettled || _devices.Changes != _savedDevices;
        var elapsed = _context.Time.GetElapsedTime(_savedAt);
        if (isUrgent || elapsed >= SaveAlways || (elapsed >= SaveEvery && !ReferenceEquals(_cursor, _savedCursor)))
        {
            Save();
        }
    }

    private async ValueTask HandleAsync(string line, long sinceMs)
    {
        var now = _context.Time.GetUtcNow();
        var report = _reader.Read(line, now.ToUnixTimeMilliseconds(), _context.Time.LocalTimeZone.GetUtcOffset(now), sinceMs);
        _context.Counters.LogRead(_reader.Suppressed, _reader.OddPrefixes, _reader.Refused, _reader.TooOld);
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

            Interlocked.Increment(ref _settled);
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
            await ProduceAsync(line, SwitchId(known, line.PciBusId), known, GpuInfo.Unknown).ConfigureAwait(false);
            return true;
        }

        if (
            host is null
            || (_devices.IsOnlyRemembered(host) && _context.Time.GetElapsedTime(_started) < FirstPages)
            || _devices.Find(host, line.PciBusId, out var info) is not { } gpu
        )
        {
            return false;
        }

        _unplacedLogged = false;
        if (line.Code == KernelLogParser.FallenOffBusCode)
        {
            _devices.Fell(gpu.Id, _context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        await ProduceAsync(line, gpu.Id, host, info).ConfigureAwait(false);
        return true;
    }

    // Hosts of the same type have their switches at the same PCI bus ids, so the id contains the host where that makes a valid id.
    private static GpuId SwitchId(string host, string pciBusId) =>
        GpuId.TryParse($"{KernelLogEvent.SwitchPrefix}{host}-{pciBusId}", out var id)
            ? id
            : GpuId.Parse($"{KernelLogEvent.SwitchPrefix}{pciBusId}");

    private async ValueTask ProduceAsync(KernelLogLine line, GpuId gpu, string host, GpuInfo info)
    {
        var value = KernelLogCodec.Encode(
            new KernelLogEvent(gpu, line.Kind, line.Code, line.TimeMs!.Value, host, line.PciBusId, line.Message)
            {
                Count = line.Count,
                Index = info.Index,
                Model = info.Model,
                Driver = info.Driver,
            }
        );
        var record = new OutgoingRecord(_context.LogTopic, Encoding.ASCII.GetBytes(gpu.Value), value);
        var started = _context.Time.GetTimestamp();
        var number = ++_produced;
        _unacknowledged[number] = line;
        while (_unacknowledged.Count > MaxUnacknowledged || !_context.Producer.TryProduce(in record, Delivered, number))
        {
            // With a state file the log itself is the queue: nothing more is read of it, and what waits here is saved.
            if (_file is null && (_stop.IsCancellationRequested || _context.Time.GetElapsedTime(started) > QueueFullLimit))
            {
                _unacknowledged.TryRemove(number, out _);
                _context.Counters.LogReportDropped();
                return;
            }

            if (_stop.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(QueueFullPause, _context.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // A report that was not delivered stays in the state, for the next run.
    private void Delivered(object? state, string? error, long offset)
    {
        if (error is null || _file is null)
        {
            _unacknowledged.TryRemove((long)state!, out _);
            Interlocked.Increment(ref _settled);
        }

        _context.Counters.LogReportDelivered(error);
    }

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

    private readonly record struct Item(string? Line, LogCursor? Cursor, bool IsBacklog);
}
