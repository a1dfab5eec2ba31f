using System.Net;
using GpuActors.Collector.Common;
using GpuActors.Collector.KernelLogs;
using GpuActors.Collector.Scraping;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using Microsoft.Extensions.Logging;

namespace GpuActors.Collector;

/// <summary>
/// Scrapes exporters and produces one record per GPU and scrape. Where a kernel log is configured, it also follows the log and produces one
/// record per report.
/// </summary>
public sealed class TelemetryCollector : IDisposable
{
    private readonly HttpClient _http = new(
        new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            // Each endpoint has one request in flight; a host may run several exporters.
            MaxConnectionsPerServer = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            UseCookies = false,
            UseProxy = false,
        }
    )
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly ExporterEndpoint[] _endpoints;
    private readonly KernelLogCollector? _kernelLog;
    private readonly IRecordProducer _producer;

    /// <summary>A collector that does not run yet.</summary>
    /// <param name="settings">What to scrape and to follow; valid.</param>
    /// <param name="producer">Takes the records. The caller disposes it.</param>
    /// <param name="sampleTopic">Topic of the samples.</param>
    /// <param name="logTopic">Topic of the kernel log reports.</param>
    /// <param name="time">Clock of the scrapes.</param>
    /// <param name="logger">Gets an event each time a source fails or recovers.</param>
    public TelemetryCollector(
        CollectorSettings settings,
        IRecordProducer producer,
        string sampleTopic,
        string logTopic,
        TimeProvider time,
        ILogger<TelemetryCollector> logger
    )
    {
        ArgumentNullException.ThrowIfNull(settings);
        _producer = producer;
        var context = new CollectorContext(_http, producer, sampleTopic, logTopic, new GpuRegistry(), Counters, time, logger);
        _kernelLog = settings.KernelLog.Length > 0 ? new KernelLogCollector(settings, context) : null;
        _endpoints =
        [
            .. settings.Targets.Select((target, number) => new ExporterEndpoint(new Uri(target), number, settings, context, _kernelLog)),
        ];
    }

    /// <summary>What the collector has done so far.</summary>
    public CollectorCounters Counters { get; } = new();

    /// <summary>Collects until stopped, then waits until the outcome of every record is known.</summary>
    /// <param name="stop">Ends the scraping and the reading of the kernel log.</param>
    /// <param name="abort">Ends the wait for the outcomes.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        await Task.WhenAll([.. _endpoints.Select(endpoint => endpoint.RunAsync(stop)), _kernelLog?.RunAsync(stop) ?? Task.CompletedTask])
            .ConfigureAwait(false);
        try
        {
            await _producer.FlushAsync(abort).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // The caller counts what is left.
        }
        finally
        {
            _kernelLog?.Save();
        }
    }

    /// <summary>Closes connections and the meter. The producer stays open.</summary>
    public void Dispose()
    {
        _http.Dispose();
        Counters.Dispose();
    }
}
