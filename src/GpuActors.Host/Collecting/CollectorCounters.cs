using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GpuActors.Host.Collecting;

/// <summary>What a collector did, also as the meter <c>GpuActors.Collector</c>. Thread-safe.</summary>
internal sealed class CollectorCounters : IDisposable
{
    private readonly Meter _meter = new("GpuActors.Collector");
    private readonly ConcurrentBag<MissingFields> _missing = [];
    private long _scrapes;
    private long _failedScrapes;
    private long _skippedScrapes;
    private long _pageErrors;
    private long _delivered;
    private long _undelivered;
    private long _dropped;

    public CollectorCounters()
    {
        _meter.CreateObservableCounter("collector.scrapes", () => Scrapes, "{scrape}", "Pages fetched");
        _meter.CreateObservableCounter("collector.scrapes.failed", () => FailedScrapes, "{scrape}", "Pages that could not be fetched");
        _meter.CreateObservableCounter("collector.scrapes.skipped", () => SkippedScrapes, "{scrape}", "Scrapes left out because the one before took too long");
        _meter.CreateObservableCounter("collector.page_errors", () => PageErrors, "{error}", "Lines that could not be read and pages that were cut");
        _meter.CreateObservableCounter("collector.samples", () => Delivered, "{sample}", "Samples that the broker has taken");
        _meter.CreateObservableCounter("collector.samples.undelivered", () => Undelivered, "{sample}", "Samples that the broker did not take in time");
        _meter.CreateObservableCounter("collector.samples.dropped", () => Dropped, "{sample}", "Samples given up because the local queue stayed full");
        _meter.CreateObservableGauge("collector.missing_fields", Missing, "{gpu}", "GPUs whose exporter does not publish a field that alerts cannot do without");
    }

    /// <summary>Pages fetched.</summary>
    public long Scrapes => Interlocked.Read(ref _scrapes);

    /// <summary>Pages that could not be fetched.</summary>
    public long FailedScrapes => Interlocked.Read(ref _failedScrapes);

    /// <summary>Scrapes left out because the one before took too long.</summary>
    public long SkippedScrapes => Interlocked.Read(ref _skippedScrapes);

    /// <summary>Lines that could not be read and pages that were cut.</summary>
    public long PageErrors => Interlocked.Read(ref _pageErrors);

    /// <summary>Samples that the broker has taken.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Samples that the broker did not take in time.</summary>
    public long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>Samples given up because the local queue stayed full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>GPUs that lack a required field, by the last whole page of every exporter; by index in <see cref="MissingFields.Required"/>.</summary>
    public int GpusWithout(int field) => _missing.Sum(exporter => exporter.Gpus(field));

    /// <summary>Counts what an exporter lacks from now on.</summary>
    public void Add(MissingFields exporter) => _missing.Add(exporter);

    public void Scraped(int errors)
    {
        Interlocked.Increment(ref _scrapes);
        Interlocked.Add(ref _pageErrors, errors);
    }

    public void Failed() => Interlocked.Increment(ref _failedScrapes);

    public void Skipped(long scrapes) => Interlocked.Add(ref _skippedScrapes, scrapes);

    public void Fate(string? error) => Interlocked.Increment(ref error is null ? ref _delivered : ref _undelivered);

    public void Drop() => Interlocked.Increment(ref _dropped);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> Missing() =>
        MissingFields.Required.Select((metric, field) => new Measurement<int>(GpusWithout(field), new KeyValuePair<string, object?>("field", metric.Name)));
}
