using System.Diagnostics.Metrics;
using GpuActors.Host.Http;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter _meter = new("GpuActors.Test");
    private readonly PrometheusExporter _exporter = new();

    [Fact]
    public void Counters_add_up_by_label()
    {
        var counter = _meter.CreateCounter<long>("exporter.samples", "{sample}", "Samples\nseen");
        counter.Add(2, new KeyValuePair<string, object?>("why", "a \"b\" \\"));
        counter.Add(3, new KeyValuePair<string, object?>("why", "a \"b\" \\"));
        counter.Add(1);

        var page = _exporter.Scrape();

        Assert.Contains(
            "# HELP gpuactors_exporter_samples_total Samples\\nseen\n# TYPE gpuactors_exporter_samples_total counter\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains("\ngpuactors_exporter_samples_total{why=\"a \\\"b\\\" \\\\\"} 5\n", page, StringComparison.Ordinal);
        Assert.Contains("\ngpuactors_exporter_samples_total 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Gauges_are_read_anew_and_what_is_gone_disappears()
    {
        var depths = new Dictionary<int, long> { [1] = 10, [2] = 20 };
        _meter.CreateObservableGauge(
            "exporter.depth",
            () => depths.Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("partition", d.Key)))
        );

        Assert.Contains("gpuactors_exporter_depth{partition=\"2\"} 20\n", _exporter.Scrape(), StringComparison.Ordinal);
        depths.Remove(2);
        depths[1] = 11;
        var page = _exporter.Scrape();

        Assert.Contains("gpuactors_exporter_depth{partition=\"1\"} 11\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("partition=\"2\"} 20", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Histograms_are_cumulative_and_use_the_boundaries_they_are_given()
    {
        var histogram = _meter.CreateHistogram(
            "exporter.latency",
            "s",
            "Latency",
            null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] }
        );
        histogram.Record(0.05);
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(3);

        var page = _exporter.Scrape();

        Assert.Contains("gpuactors_exporter_latency_seconds_bucket{le=\"0.1\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_exporter_latency_seconds_bucket{le=\"1\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_exporter_latency_seconds_bucket{le=\"+Inf\"} 4\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_exporter_latency_seconds_sum 3.65\n", page, StringComparison.Ordinal);
        Assert.Contains("gpuactors_exporter_latency_seconds_count 4\n", page, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }
}
