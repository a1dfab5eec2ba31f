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
    private long _logLines;
    private long _logRepeated;
    private long _logDelivered;
    private long _logUndelivered;
    private long _logDropped;
    private long _logUnplaced;
    private int _logWaiting;

    public CollectorCounters()
    {
        _meter.CreateObservableCounter("collector.scrapes", () => Scrapes, "{scrape}", "Pages fetched");
        _meter.CreateObservableCounter("collector.scrapes.failed", () => FailedScrapes, "{scrape}", "Pages that could not be fetched");
        _meter.CreateObservableCounter(
            "collector.scrapes.skipped",
            () => SkippedScrapes,
            "{scrape}",
            "Scrapes left out because the one before took too long"
        );
        _meter.CreateObservableCounter(
            "collector.page_errors",
            () => PageErrors,
            "{error}",
            "Lines that could not be read and pages that were cut"
        );
        _meter.CreateObservableCounter("collector.samples", () => Delivered, "{sample}", "Samples that the broker has taken");
        _meter.CreateObservableCounter(
            "collector.samples.undelivered",
            () => Undelivered,
            "{sample}",
            "Samples that the broker did not take in time"
        );
        _meter.CreateObservableCounter(
            "collector.samples.dropped",
            () => Dropped,
            "{sample}",
            "Samples given up because the local queue stayed full"
        );
        _meter.CreateObservableGauge(
            "collector.missing_fields",
            Missing,
            "{gpu}",
            "GPUs whose exporter does not publish a field that alerts cannot do without"
        );
        _meter.CreateObservableCounter("collector.log.lines", () => LogLines, "{line}", "Lines of the kernel log that were read");
        _meter.CreateObservableCounter(
            "collector.log.repeated",
            () => LogRepeated,
            "{report}",
            "Reports of the kernel log left out because they said nothing new"
        );
        _meter.CreateObservableCounter(
            "collector.log.records",
            () => LogDelivered,
            "{record}",
            "Reports of the kernel log that the broker has taken"
        );
        _meter.CreateObservableCounter(
            "collector.log.undelivered",
            () => LogUndelivered,
            "{record}",
            "Reports of the kernel log that the broker did not take in time"
        );
        _meter.CreateObservableCounter(
            "collector.log.dropped",
            () => LogsDropped,
            "{report}",
            "Reports of the kernel log given up because a queue stayed full"
        );
        _meter.CreateObservableCounter(
            "collector.log.unplaced",
            () => LogUnplacedTotal,
            "{report}",
            "Reports of the kernel log on GPUs that no scrape showed within five minutes"
        );
        _meter.CreateObservableGauge(
            "collector.log.waiting",
            () => Volatile.Read(ref _logWaiting),
            "{report}",
            "Reports of the kernel log that wait for a scrape to show their GPU"
        );
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

    /// <summary>
    /// GPUs that lack a required field, by the last whole page of every exporter; by index in <see cref="MissingFields.Required"/>.
    /// </summary>
    public int GpusWithout(int field) => _missing.Sum(exporter => exporter.Gpus(field));

    /// <summary>Counts what an exporter lacks from now on.</summary>
    public void Add(MissingFields exporter) => _missing.Add(exporter);

    /// <summary>Lines of the kernel log that were read.</summary>
    public long LogLines => Interlocked.Read(ref _logLines);

    /// <summary>Reports left out because they said nothing new.</summary>
    public long LogRepeated => Interlocked.Read(ref _logRepeated);

    /// <summary>Reports that the broker has taken.</summary>
    public long LogDelivered => Interlocked.Read(ref _logDelivered);

    /// <summary>Reports that the broker did not take in time.</summary>
    public long LogUndelivered => Interlocked.Read(ref _logUndelivered);

    /// <summary>Reports given up because a queue stayed full.</summary>
    public long LogsDropped => Interlocked.Read(ref _logDropped);

    /// <summary>Reports whose GPU no scrape showed in time.</summary>
    public long LogUnplacedTotal => Interlocked.Read(ref _logUnplaced);

    public void LogRead(long repeatedSoFar)
    {
        Interlocked.Increment(ref _logLines);
        Interlocked.Exchange(ref _logRepeated, repeatedSoFar);
    }

    public void LogFate(string? error) => Interlocked.Increment(ref error is null ? ref _logDelivered : ref _logUndelivered);

    public void LogDropped() => Interlocked.Increment(ref _logDropped);

    public void LogUnplaced(int reports) => Interlocked.Add(ref _logUnplaced, reports);

    public void LogWaiting(int reports) => Volatile.Write(ref _logWaiting, reports);

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
        MissingFields.Required.Select(
            (metric, field) => new Measurement<int>(GpusWithout(field), new KeyValuePair<string, object?>("field", metric.Name))
        );
}
