using System.Net;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Host.Settings;

namespace GpuActors.Host.Collecting;

/// <summary>Scrapes exporters and hands one record per GPU and scrape to the broker; follows a kernel log where it is told to.</summary>
internal sealed class Collector : IDisposable
{
    private readonly HttpClient _http = new(
        new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            // One in flight per endpoint; a host with several exporters has several.
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

    public Collector(CollectorSettings settings, IRecordProducer producer, TopicNames topics, TimeProvider time, Action<string> notice)
    {
        _producer = producer;
        var context = new CollectorContext(_http, producer, topics.Raw, new GpuRegistry(), Counters, time, notice);
        _kernelLog = settings.KernelLog.Length > 0 ? new KernelLogCollector(settings, topics.Logs, context) : null;
        _endpoints =
        [
            .. settings.Targets.Select(
                (target, number) => new ExporterEndpoint(new Uri(target), number, settings, context, _kernelLog, topics.Logs)
            ),
        ];
    }

    /// <summary>What it did so far.</summary>
    public CollectorCounters Counters { get; } = new();

    /// <summary>Scrapes until cancelled, then waits until the fate of every sample handed over is known.</summary>
    /// <param name="stop">Ends the scraping.</param>
    /// <param name="abort">Ends the wait.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        await Task.WhenAll([.. _endpoints.Select(endpoint => endpoint.RunAsync(stop)), _kernelLog?.RunAsync(stop) ?? Task.CompletedTask])
            .ConfigureAwait(false);
        await _producer.FlushAsync(abort).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _http.Dispose();
        Counters.Dispose();
    }
}
