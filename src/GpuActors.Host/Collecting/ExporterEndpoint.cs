using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Host.Collecting;

/// <summary>One exporter: scraped on a fixed schedule, one request in flight, independent of all others.</summary>
internal sealed class ExporterEndpoint
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);

    private static readonly KeyValuePair<string, byte[]>[] ProtobufHeaders =
    [
        new(ContentTypes.Header, Encoding.ASCII.GetBytes(ContentTypes.Protobuf)),
    ];

    private readonly Uri _target;
    private readonly CollectorSettings _settings;
    private readonly CollectorContext _context;
    private readonly int _number;
    private readonly KernelLogCollector? _kernelLog;
    private readonly ExpositionParser _parser;
    private readonly PageBuffer _page;
    private readonly ArrayBufferWriter<byte> _record = new(2_048);
    private readonly DeliveryHandler _delivered;
    private readonly MissingFields _missing = new();
    private readonly ExporterDownTeller _down;
    private string? _fault;

    public ExporterEndpoint(
        Uri target,
        int number,
        CollectorSettings settings,
        CollectorContext context,
        KernelLogCollector? kernelLog,
        string logTopic
    )
    {
        _down = new ExporterDownTeller(logTopic, context);
        _target = target;
        _number = number;
        _kernelLog = kernelLog;
        _settings = settings;
        _context = context;
        _parser = new ExpositionParser(context.Registry);
        _page = new PageBuffer(settings.MaxPageBytes);
        _delivered = (_, error, _) => context.Counters.Fate(error);
        context.Counters.Add(_missing);
    }

    /// <summary>Scrapes until cancelled. Never fails because of the exporter.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            var shift = Math.Min(_settings.Jitter.Ticks, _settings.Interval.Ticks) * Random.Shared.NextDouble();
            await Task.Delay(TimeSpan.FromTicks((long)shift), _context.Time, stop).ConfigureAwait(false);
            var started = _context.Time.GetTimestamp();
            var turn = 0L;
            while (true)
            {
                await ScrapeAsync(stop).ConfigureAwait(false);
                // A slow scrape moves none of the later ones: those it covers are left out.
                var elapsed = _context.Time.GetElapsedTime(started);
                var next = Math.Max(turn + 1, (elapsed.Ticks / _settings.Interval.Ticks) + 1);
                if (next > turn + 1)
                {
                    _context.Counters.Skipped(next - turn - 1);
                }

                turn = next;
                await Task.Delay(_settings.Interval * turn - elapsed, _context.Time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // This is how it ends.
        }
    }

    private async Task ScrapeAsync(CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(_settings.Timeout);
        string? cut;
        long time;
        try
        {
            using var response = await _context
                .Http.GetAsync(_target, HttpCompletionOption.ResponseHeadersRead, deadline.Token)
                .ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            time = _context.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            cut = await _page.ReadAsync(stream, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Fail($"no answer within {_settings.Timeout.TotalSeconds:0.###} s");
            return;
        }
        catch (HttpRequestException e)
        {
            if (e.StatusCode is not null || e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                _down.Down(e.Message);
            }

            Fail(e.Message);
            return;
        }

        _parser.Parse(_page.Page, time, cut is null);
        _context.Counters.Scraped(cut is null ? _parser.Errors : Math.Max(1, _parser.Errors));
        Note(
            cut
                ?? (
                    _parser.Errors > 0 ? $"{_parser.Errors} lines could not be read: {_parser.FirstError}"
                    : _parser.Count == 0 ? "the page names no GPU"
                    : null
                )
        );
        if (cut is null && _parser.Errors == 0)
        {
            TellMissing(_missing.Count(_parser.Samples));
        }

        _down.Up(_parser.Samples);
        _kernelLog?.See(_number, _parser.Samples);
        for (var i = 0; i < _parser.Count; i++)
        {
            await ProduceAsync(_parser.Samples[i], stop).ConfigureAwait(false);
        }
    }

    private async ValueTask ProduceAsync(GpuSample sample, CancellationToken stop)
    {
        _record.ResetWrittenCount();
        var isProtobuf = _settings.Format == SampleFormat.Protobuf;
        if (isProtobuf)
        {
            ProtobufSampleWriter.Write(_record, sample);
        }
        else
        {
            SampleEncoder.Write(_record, sample, _parser.MigInstances);
        }

        var record = new OutgoingRecord(
            _context.Topic,
            KeyOf(sample.Gpu),
            _record.WrittenSpan.ToArray(),
            isProtobuf ? ProtobufHeaders : null
        );
        var started = _context.Time.GetTimestamp();
        while (!_context.Producer.TryProduce(in record, _delivered))
        {
            if (stop.IsCancellationRequested || _context.Time.GetElapsedTime(started) > _settings.Interval)
            {
                _context.Counters.Drop();
                Note("the broker takes no more samples (the local queue is full): samples are dropped");
                return;
            }

            await Task.Delay(QueueFullPause, _context.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static byte[] KeyOf(GpuIdentity gpu) =>
        MemoryMarshal.TryGetArray(gpu.Utf8, out var segment) && segment.Offset == 0 && segment.Array!.Length == segment.Count
            ? segment.Array
            : gpu.Utf8.ToArray();

    private void Fail(string fault)
    {
        _context.Counters.Failed();
        Note(fault);
    }

    private void TellMissing(IReadOnlyList<string> fields)
    {
        if (fields.Count > 0)
        {
            _context.Notice(
                $"{_target}: without {string.Join(", ", fields)}: alerts for these cannot work. What to enable: gpuactors doctor --target {_target}"
            );
        }
    }

    // Told when it begins, when it becomes another and when it ends: not every second.
    private void Note(string? fault)
    {
        if (fault is null && _fault is not null)
        {
            _context.Notice($"{_target}: well again");
        }
        else if (fault is not null && _fault is null)
        {
            _context.Notice($"{_target}: {fault}; trying on every {_settings.Interval.TotalSeconds:0.###} s");
        }

        _fault = fault;
    }
}
