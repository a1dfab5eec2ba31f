using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Collector.Common;
using GpuActors.Collector.Exposition;
using GpuActors.Collector.KernelLogs;
using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Scraping;

/// <summary>
/// Scrapes one exporter on a fixed schedule with at most one request in flight. Endpoints do not wait for each other.
/// </summary>
internal sealed class ExporterEndpoint
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);

    private static readonly KeyValuePair<string, byte[]>[] ProtobufHeaders =
    [
        new(ContentTypes.Header, Encoding.ASCII.GetBytes(ContentTypes.Protobuf)),
    ];

    private readonly Uri _target;
    private readonly int _number;
    private readonly CollectorSettings _settings;
    private readonly CollectorContext _context;
    private readonly KernelLogCollector? _kernelLog;
    private readonly ExpositionParser _parser;
    private readonly PageBuffer _page;
    private readonly ArrayBufferWriter<byte> _record = new(2_048);
    private readonly DeliveryHandler _delivered;
    private readonly MissingFields _missing = new();
    private readonly ExporterDownReporter _down;
    private string? _fault;

    /// <param name="target">The exporter's page.</param>
    /// <param name="number">Position among the targets.</param>
    /// <param name="settings">Schedule, limits and format.</param>
    /// <param name="context">Shared services.</param>
    /// <param name="kernelLog">Learns the GPUs of each page; null when no kernel log is followed.</param>
    public ExporterEndpoint(Uri target, int number, CollectorSettings settings, CollectorContext context, KernelLogCollector? kernelLog)
    {
        _target = target;
        _number = number;
        _settings = settings;
        _context = context;
        _kernelLog = kernelLog;
        _parser = new ExpositionParser(
            context.Registry,
            settings.HostFallback switch
            {
                HostFallback.Target => target.IdnHost,
                HostFallback.Machine => Dns.GetHostName(),
                _ => "",
            }
        );
        _page = new PageBuffer(settings.MaxPageBytes);
        _down = new ExporterDownReporter(target, context, kernelLog is null ? null : kernelLog.HasFallenOff);
        _delivered = (_, error, _) => context.Counters.SampleDelivered(error);
        context.Counters.Add(_missing);
    }

    /// <summary>Scrapes until cancelled. Faults of the exporter are counted and logged, never thrown.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            var shift = Math.Min(_settings.Jitter.Ticks, _settings.Interval.Ticks) * Random.Shared.NextDouble();
            await Task.Delay(TimeSpan.FromTicks((long)shift), _context.Time, stop).ConfigureAwait(false);
            var started = _context.Time.GetTimestamp();
            var scrape = 0L;
            while (true)
            {
                await ScrapeAsync(stop).ConfigureAwait(false);
                // A slow scrape does not shift the schedule: the scrapes that it overlaps are skipped.
                var elapsed = _context.Time.GetElapsedTime(started);
                var next = Math.Max(scrape + 1, (elapsed.Ticks / _settings.Interval.Ticks) + 1);
                if (next > scrape + 1)
                {
                    _context.Counters.ScrapesSkipped(next - scrape - 1);
                }

                scrape = next;
                await Task.Delay(_settings.Interval * scrape - elapsed, _context.Time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Cancellation ends the loop.
        }
    }

    private async Task ScrapeAsync(CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(_settings.Timeout);
        string? truncation;
        long time;
        try
        {
            using var response = await _context
                .Http.GetAsync(_target, HttpCompletionOption.ResponseHeadersRead, deadline.Token)
                .ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            time = _context.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            truncation = await _page.ReadAsync(stream, deadline.Token).ConfigureAwait(false);
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
                _down.Down(e.StatusCode is { } status ? $"HTTP {(int)status} {status}" : "connection refused");
            }

            Fail(e.Message);
            return;
        }

        _parser.Parse(_page.Page, time, truncation is null);
        _context.Counters.Scraped(truncation is null ? _parser.Errors : Math.Max(1, _parser.Errors), _parser.RowsWithoutValue);
        Note(truncation ?? PageFault());
        if (truncation is null && _parser.Errors == 0)
        {
            LogMissing(_missing.Count(_parser.Samples));
        }

        _down.Up(_parser.Samples);
        _kernelLog?.Scraped(_number, _parser.Samples);
        for (var i = 0; i < _parser.Count; i++)
        {
            await ProduceAsync(_parser.Samples[i], stop).ConfigureAwait(false);
        }
    }

    private string? PageFault() =>
        _parser.Errors > 0 ? $"{_parser.Errors} lines could not be parsed: {_parser.FirstError}"
        : _parser.Count == 0 ? "the page contains no GPU"
        : null;

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
            _context.SampleTopic,
            KeyOf(sample.Gpu),
            _record.WrittenSpan.ToArray(),
            isProtobuf ? ProtobufHeaders : null
        );
        var started = _context.Time.GetTimestamp();
        while (!_context.Producer.TryProduce(in record, _delivered))
        {
            if (stop.IsCancellationRequested || _context.Time.GetElapsedTime(started) > _settings.Interval)
            {
                _context.Counters.SampleDropped();
                Note("the producer's queue is full because the broker accepts no more samples: samples are dropped");
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
        _context.Counters.ScrapeFailed();
        Note(fault);
    }

    private void LogMissing(IReadOnlyList<string> fields)
    {
        if (fields.Count > 0)
        {
            _context.Logger.FieldsMissing(string.Join(", ", fields), _target);
        }
    }

    // One event when a fault begins and one when it ends, not one per scrape.
    private void Note(string? fault)
    {
        if (fault is null && _fault is not null)
        {
            _context.Logger.ExporterRecovered(_target);
        }
        else if (fault is not null && _fault is null)
        {
            _context.Logger.ExporterFails(_target, fault, _settings.Interval.TotalSeconds);
        }

        _fault = fault;
    }
}
