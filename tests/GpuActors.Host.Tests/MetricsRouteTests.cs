using System.Diagnostics.Metrics;
using GpuActors.Host.Http;
using GpuActors.Host.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>The page of <c>/metrics</c> follows Prometheus' conventions.</summary>
public sealed class MetricsRouteTests : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _http = new();
    private readonly Meter _meter = new("GpuActors.Test");
    private NodeEndpoint _endpoint = null!;

    public async Task InitializeAsync()
    {
        var view = new NodeView { Readiness = () => new Dictionary<string, bool>() };
        _endpoint = await NodeEndpoint.StartAsync(new ApiSettings { Port = 0 }, view, NullLoggerFactory.Instance, CancellationToken.None);
        _http.BaseAddress = _endpoint.Address;
    }

    [Fact]
    public async Task Counters_add_up_by_label()
    {
        var counter = _meter.CreateCounter<long>("gpuactors.test.samples", "{sample}", "Samples\nseen");
        counter.Add(2, new KeyValuePair<string, object?>("why", "a \"b\" \\"));
        counter.Add(3, new KeyValuePair<string, object?>("why", "a \"b\" \\"));
        counter.Add(1);

        var page = await _http.GetStringAsync("/metrics");

        Assert.Contains("# HELP gpuactors_test_samples_total Samples\\nseen\n", page, StringComparison.Ordinal);
        Assert.Contains("# TYPE gpuactors_test_samples_total counter\n", page, StringComparison.Ordinal);
        Assert.Contains("\ngpuactors_test_samples_total{why=\"a \\\"b\\\" \\\\\"} 5\n", page, StringComparison.Ordinal);
        Assert.Contains("\ngpuactors_test_samples_total{} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gauges_are_read_anew_and_what_is_gone_disappears()
    {
        var depths = new Dictionary<int, long> { [1] = 10, [2] = 20 };
        _meter.CreateObservableGauge(
            "gpuactors.test.depth",
            () => depths.Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("partition", d.Key)))
        );

        Assert.Contains("gpuactors_test_depth{partition=\"2\"} 20\n", await _http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        depths.Remove(2);
        depths[1] = 11;
        var page = await _http.GetStringAsync("/metrics");

        Assert.Contains("gpuactors_test_depth{partition=\"1\"} 11\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("gpuactors_test_depth{partition=\"2\"}", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Histograms_are_cumulative_and_use_the_boundaries_they_are_given()
    {
        var histogram = _meter.CreateHistogram(
            "gpuactors.test.latency",
            "s",
            "Latency",
            null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] }
        );
        histogram.Record(0.05);
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(3);

        var page = await _http.GetStringAsync("/metrics");

        Assert.Contains("gpuactors_test_latency_seconds_bucket{le=\"0.1\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_test_latency_seconds_bucket{le=\"1\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_test_latency_seconds_bucket{le=\"+Inf\"} 4\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_test_latency_seconds_sum{} 3.65\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_test_latency_seconds_count{} 4\n", page, StringComparison.Ordinal);
    }

    public Task DisposeAsync() => _endpoint.DisposeAsync().AsTask();

    public void Dispose()
    {
        _http.Dispose();
        _meter.Dispose();
    }
}
