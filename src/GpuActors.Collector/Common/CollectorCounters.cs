using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GpuActors.Collector.Common;

/// <summary>Counters of one collector, also published as the meter <see cref="MeterName"/>. Thread-safe.</summary>
public sealed class CollectorCounters : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "GpuActors.Collector";

    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentBag<MissingFields> _missing = [];
    private long _scrapes;
    private long _failedScrapes;
    private long _skippedScrapes;
    private long _pageErrors;
    private long _rowsWithoutValue;
    private long _delivered;
    private long _undelivered;
    private long _dropped;
    private long _logLines;
    private long _logRepeated;
    private long _logOddPrefixes;
    private long _logRefused;
    private long _logTooOld;
    private long _logDelivered;
    private long _logUndelivered;
    private long _logDropped;
    private long _logUnplaced;
    private int _logWaiting;

    /// <summary>Counters at 0, with their instruments.</summary>
    public CollectorCounters()
    {
        Counter("scrapes", () => Scrapes, "{scrape}", "Pages fetched");
        Counter("scrapes.failed", () => FailedScrapes, "{scrape}", "Pages that could not be fetched");
        Counter("scrapes.skipped", () => SkippedScrapes, "{scrape}", "Scrapes skipped because the previous one took too long");
        Counter("page_errors", () => PageErrors, "{error}", "Lines that could not be parsed and pages that were truncated");
        Counter("rows_without_value", () => RowsWithoutValue, "{row}", "Rows of pages that have no value and were skipped");
        Counter("samples", () => Delivered, "{sample}", "Samples acknowledged by the broker");
        Counter("samples.undelivered", () => Undelivered, "{sample}", "Samples that the brokers did not take in time or refused");
        Counter("samples.dropped", () => Dropped, "{sample}", "Samples dropped because the producer's queue stayed full");
        Counter("log.lines", () => LogLines, "{line}", "Lines read from the kernel log");
        Counter("log.repeated", () => LogRepeated, "{report}", "Kernel log reports that repeat another one and are summed up");
        Counter("log.unknown_prefix", () => LogOddPrefixes, "{report}", "Kernel log reports whose lines have a prefix of no known form");
        Counter("log.refused", () => LogRefused, "{line}", "Lines with the text of an XID or SXid that are damaged or of another program");
        Counter("log.too_old", () => LogTooOld, "{report}", "Kernel log reports from before the start that exceed the maximum age");
        Counter("log.records", () => LogDelivered, "{record}", "Kernel log reports acknowledged by the broker");
        Counter("log.undelivered", () => LogUndelivered, "{record}", "Kernel log reports that the broker did not acknowledge in time");
        Counter("log.dropped", () => LogsDropped, "{report}", "Kernel log reports dropped because a queue stayed full");
        Counter("log.unplaced", () => LogUnplacedTotal, "{report}", "Kernel log reports whose GPU no scrape showed within five minutes");
        _meter.CreateObservableGauge(
            "gpuactors.collector.log.waiting",
            () => Volatile.Read(ref _logWaiting),
            "{report}",
            "Kernel log reports that wait for a scrape to show their GPU"
        );
        _meter.CreateObservableGauge(
            "gpuactors.collector.missing_fields",
            Missing,
            "{gpu}",
            "GPUs whose exporter does not publish a field that alerts need"
        );
    }

    /// <summary>Pages fetched.</summary>
    public long Scrapes => Interlocked.Read(ref _scrapes);

    /// <summary>Pages that could not be fetched.</summary>
    public long FailedScrapes => Interlocked.Read(ref _failedScrapes);

    /// <summary>Scrapes skipped because the previous one took too long.</summary>
    public long SkippedScrapes => Interlocked.Read(ref _skippedScrapes);

    /// <summary>Lines that could not be parsed and pages that were truncated.</summary>
    public long PageErrors => Interlocked.Read(ref _pageErrors);

    /// <summary>Rows of pages that have no value and were skipped.</summary>
    public long RowsWithoutValue => Interlocked.Read(ref _rowsWithoutValue);

    /// <summary>Samples acknowledged by the broker.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Samples that the brokers did not take within the bounds of the buffer, or refused.</summary>
    public long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>Samples dropped because the producer's queue stayed full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Lines read from the kernel log.</summary>
    public long LogLines => Interlocked.Read(ref _logLines);

    /// <summary>Kernel log reports whose lines have a prefix of no known form.</summary>
    public long LogOddPrefixes => Interlocked.Read(ref _logOddPrefixes);

    /// <summary>Lines with the text of an XID or SXid that are damaged or of another program.</summary>
    public long LogRefused => Interlocked.Read(ref _logRefused);

    /// <summary>Kernel log reports from before the start that exceed <see cref="CollectorSettings.KernelLogMaxAge"/>.</summary>
    public long LogTooOld => Interlocked.Read(ref _logTooOld);

    /// <summary>Kernel log reports that repeat another one and are summed up.</summary>
    public long LogRepeated => Interlocked.Read(ref _logRepeated);

    /// <summary>Kernel log reports acknowledged by the broker.</summary>
    public long LogDelivered => Interlocked.Read(ref _logDelivered);

    /// <summary>Kernel log reports that the broker did not acknowledge in time.</summary>
    public long LogUndelivered => Interlocked.Read(ref _logUndelivered);

    /// <summary>Kernel log reports dropped because a queue stayed full.</summary>
    public long LogsDropped => Interlocked.Read(ref _logDropped);

    /// <summary>Kernel log reports whose GPU no scrape showed in time.</summary>
    public long LogUnplacedTotal => Interlocked.Read(ref _logUnplaced);

    /// <summary>Unregisters the meter.</summary>
    public void Dispose() => _meter.Dispose();

    /// <summary>
    /// GPUs that lack a required field, by the last complete page of every exporter.
    /// </summary>
    /// <param name="field">Index in <see cref="MissingFields.Required"/>.</param>
    internal int GpusWithout(int field) => _missing.Sum(exporter => exporter.Gpus(field));

    internal void Add(MissingFields exporter) => _missing.Add(exporter);

    internal void Scraped(int errors, int rowsWithoutValue)
    {
        Interlocked.Add(ref _rowsWithoutValue, rowsWithoutValue);
        Interlocked.Increment(ref _scrapes);
        Interlocked.Add(ref _pageErrors, errors);
    }

    internal void ScrapeFailed() => Interlocked.Increment(ref _failedScrapes);

    internal void ScrapesSkipped(long scrapes) => Interlocked.Add(ref _skippedScrapes, scrapes);

    internal void SampleDelivered(string? error) => Interlocked.Increment(ref error is null ? ref _delivered : ref _undelivered);

    internal void SampleDropped() => Interlocked.Increment(ref _dropped);

    internal void LogRead(long repeatedSoFar, long oddPrefixesSoFar, long refusedSoFar, long tooOldSoFar)
    {
        Interlocked.Increment(ref _logLines);
        Interlocked.Exchange(ref _logRepeated, repeatedSoFar);
        Interlocked.Exchange(ref _logOddPrefixes, oddPrefixesSoFar);
        Interlocked.Exchange(ref _logRefused, refusedSoFar);
        Interlocked.Exchange(ref _logTooOld, tooOldSoFar);
    }

    internal void LogReportDelivered(string? error) => Interlocked.Increment(ref error is null ? ref _logDelivered : ref _logUndelivered);

    internal void LogReportDropped() => Interlocked.Increment(ref _logDropped);

    internal void LogUnplaced(int reports) => Interlocked.Add(ref _logUnplaced, reports);

    internal void LogWaiting(int reports) => Volatile.Write(ref _logWaiting, reports);

    private void Counter(string name, Func<long> value, string unit, string description) =>
        _meter.CreateObservableCounter("gpuactors.collector." + name, value, unit, description);

    private IEnumerable<Measurement<int>> Missing() =>
        MissingFields.Required.Select(
            (metric, field) => new Measurement<int>(GpusWithout(field), new KeyValuePair<string, object?>("field", metric.Name))
        );
}
