using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace GpuActors.Host.Http;

/// <summary><c>/metrics</c>: the instruments of this program and of the runtime in Prometheus' text format.</summary>
internal static class MetricsRoute
{
    /// <summary>Collects the instruments of all meters named <c>GpuActors.*</c>, and those of the .NET runtime.</summary>
    public static void AddServices(IServiceCollection services) =>
        services
            .AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics
                    .AddMeter("GpuActors.*", "System.Runtime")
                    .AddPrometheusExporter(options =>
                    {
                        // The names of the meters say nothing that the names of the metrics do not.
                        options.ScopeInfoEnabled = false;
                        options.TargetInfoEnabled = false;
                        // Each scrape reads the current values.
                        options.ScrapeResponseCacheDurationMilliseconds = 0;
                    })
            );

    /// <summary>Adds the route.</summary>
    public static void Map(WebApplication app) => app.MapPrometheusScrapingEndpoint("/metrics");
}
