using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Notify;

namespace GpuActors.Engine.Metrics;

/// <summary>
/// What the engine counts: for Prometheus through a <see cref="Meter"/>, for status lines through <see cref="Snapshot"/>.
/// </summary>
public sealed class EngineMetrics : IDisposable
{
    private readonly Meter _meter = new("GpuActors.Engine");
    private readonly Counter<long> _clockSteps;
    private readonly Counter<long> _retired;
    private readonly Counter<long> _alertCounter;
    private readonly Counter<long> _pages;
    private readonly Histogram<double> _latencySeconds;
    private readonly LatencyHistogram _latency = new();
    private readonly ConcurrentDictionary<(string Rule, AlertState State), long> _alerts = new();
    private long _received;
    private long _applied;
    private long _acknowledged;
    private long _rejected;
    private long _rows;
    private long _storeRetries;
    private long _storeRefused;
    private long _outboxRetries;
    private long _reopened;
    private long _alertsShortened;
    private long _viaRegion;
    private long _misrouted;
    private long _remote;
    private long _logLines;
    private long _logLinesApplied;
    private long _logRejected;
    private long _snapshotsUnreadable;
    private int _incidentsOpen;
    private int _alertsOpen;
    private int _outboxDepth;
    private int _batchesInFlight;
    private long _storeQueueRows;

    /// <summary>Counters at zero.</summary>
    /// <param name="time">The clock of <see cref="Troubles"/>; the system's when null.</param>
    public EngineMetrics(TimeProvider? time = null)
    {
        Troubles = new Troubles(time ?? TimeProvider.System);
        _meter.CreateObservableGauge(
            "gpuactors_trouble",
            () => Troubles.Ages().Select(age => new Measurement<double>(age.Seconds, new KeyValuePair<string, object?>("role", age.Role))),
            "s",
            "Since when work of a role does not get on, the oldest of each role; absent when all of it does. /health/ready has the causes"
        );
        Counter("gpuactors_partitions_reopened", "{partition}", "Partitions that failed and are read again", () => _reopened);
        Counter("gpuactors_detect_samples", "{sample}", "Samples handed to GPU actors", () => _received);
        Counter(
            "gpuactors_detect_samples_applied",
            "{sample}",
            "Samples that changed a GPU's state; the rest had been seen before",
            () => _applied
        );
        Counter("gpuactors_detect_rejected", "{record}", "Records that were no samples and went to the dead-letter topic", () => _rejected);
        Counter(
            "gpuactors_detect_messages_via_region",
            "{message}",
            "Messages that took the way through the region, not the direct route",
            () => _viaRegion
        );
        Counter(
            "gpuactors_detect_messages_misrouted",
            "{message}",
            "Messages with samples of GPUs that belong to another partition: a producer does not use Kafka's murmur2 partitioner "
                + "with the GPU's UUID as the key",
            () => _misrouted
        );
        Counter(
            "gpuactors_detect_messages_remote",
            "{message}",
            "Messages with samples that came from another node: misrouted, or sent while a shard moved",
            () => _remote
        );
        Counter("gpuactors_detect_log_lines", "{line}", "Lines of kernel logs handed to GPU actors", () => _logLines);
        Counter(
            "gpuactors_detect_log_lines_applied",
            "{line}",
            "Lines of kernel logs that a GPU had not seen before",
            () => _logLinesApplied
        );
        Counter(
            "gpuactors_detect_log_rejected",
            "{record}",
            "Records of the log topic that were no lines and went to the dead-letter topic",
            () => _logRejected
        );
        Counter("gpuactors_store_rows", "{row}", "Rows written", () => _rows);
        Counter(
            "gpuactors_store_refused",
            "{record}",
            "Records that are not stored and went to the dead-letter topic: rows that the database refuses, and alerts and predictions "
                + "that are not valid",
            () => _storeRefused
        );
        Counter("gpuactors_store_retries", "{write}", "Writes tried again after a transient error", () => _storeRetries);
        Counter("gpuactors_outbox_retries", "{record}", "Alerts offered to the producer again", () => _outboxRetries);
        Counter(
            "gpuactors_outbox_shortened",
            "{record}",
            "Alerts that were shortened because the broker refused them for their size",
            () => _alertsShortened
        );
        Counter(
            "gpuactors_detect_snapshots_unreadable",
            "{snapshot}",
            "Snapshots of GPUs that were damaged or of another version; those GPUs started with empty windows",
            () => _snapshotsUnreadable
        );
        _meter.CreateObservableGauge(
            "gpuactors_incidents_open",
            () => Volatile.Read(ref _incidentsOpen),
            "{incident}",
            "Open incidents of the fleet, on the node where NOTIFY is active; 0 on the others"
        );
        _meter.CreateObservableGauge(
            "gpuactors_alerts_open",
            () => Volatile.Read(ref _alertsOpen),
            "{alert}",
            "Open alerts of the fleet, on the node where NOTIFY is active; 0 on the others"
        );
        _pages = _meter.CreateCounter<long>("gpuactors_pages", "{page}", "Pages published, by reason");
        _meter.CreateObservableGauge(
            "gpuactors_outbox_depth",
            () => Volatile.Read(ref _outboxDepth),
            "{alert}",
            "Alerts that the broker does not have yet"
        );
        _meter.CreateObservableGauge(
            "gpuactors_detect_batches_in_flight",
            () => Volatile.Read(ref _batchesInFlight),
            "{batch}",
            "Batches handed out and not yet acknowledged"
        );
        _meter.CreateObservableGauge(
            "gpuactors_store_queue_rows",
            () => Interlocked.Read(ref _storeQueueRows),
            "{row}",
            "Rows collected and not yet written"
        );
        _retired = _meter.CreateCounter<long>("gpuactors_detect_retired", "{gpu}", "GPUs that were taken out of the fleet");
        _clockSteps = _meter.CreateCounter<long>(
            "gpuactors_detect_clock_steps",
            "{step}",
            "Times that the clock of a GPU's samples was ahead of the broker's and has been set back"
        );
        _alertCounter = _meter.CreateCounter<long>("gpuactors_alerts", "{alert}", "Alert transitions published, by rule and state");
        _latencySeconds = _meter.CreateHistogram(
            "gpuactors_alert_latency",
            "s",
            "From the sample's append to detection",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] }
        );
    }

    /// <summary>Work that does not get on.</summary>
    public Troubles Troubles { get; }

    /// <summary>The figures now.</summary>
    public EngineStats Snapshot() =>
        new(
            Interlocked.Read(ref _received),
            Interlocked.Read(ref _acknowledged),
            Interlocked.Read(ref _applied),
            Interlocked.Read(ref _rejected),
            Interlocked.Read(ref _rows),
            Volatile.Read(ref _outboxDepth),
            Interlocked.Read(ref _storeQueueRows),
            Interlocked.Read(ref _storeRetries),
            _alerts.ToDictionary(a => a.Key, a => a.Value),
            _latency.Quantile(0.5),
            _latency.Quantile(0.99),
            _latency.MaxMs,
            Interlocked.Read(ref _logLinesApplied),
            Interlocked.Read(ref _logRejected)
        );

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Received(int samples, int rejects)
    {
        Interlocked.Add(ref _received, samples);
        Interlocked.Add(ref _rejected, rejects);
        Interlocked.Increment(ref _batchesInFlight);
    }

    internal void Acknowledged(int samples)
    {
        Interlocked.Add(ref _acknowledged, samples);
        Interlocked.Decrement(ref _batchesInFlight);
    }

    internal void LogReceived(int lines, int rejects)
    {
        Interlocked.Add(ref _logLines, lines);
        Interlocked.Add(ref _logRejected, rejects);
        Interlocked.Increment(ref _batchesInFlight);
    }

    internal void LogApplied() => Interlocked.Increment(ref _logLinesApplied);

    internal void LogAcknowledged() => Interlocked.Decrement(ref _batchesInFlight);

    internal void Failed() => Interlocked.Decrement(ref _batchesInFlight);

    internal void Retired() => _retired.Add(1);

    internal void ClockStepped() => _clockSteps.Add(1);

    internal void SnapshotUnreadable() => Interlocked.Increment(ref _snapshotsUnreadable);

    internal void Applied(int samples) => Interlocked.Add(ref _applied, samples);

    internal void ViaRegion(int messages) => Interlocked.Add(ref _viaRegion, messages);

    internal void Misrouted(int messages) => Interlocked.Add(ref _misrouted, messages);

    internal void Remote() => Interlocked.Increment(ref _remote);

    internal void Stored(int rows) => Interlocked.Add(ref _rows, rows);

    internal void StoreRetried() => Interlocked.Increment(ref _storeRetries);

    internal void StoreRefused(int records) => Interlocked.Add(ref _storeRefused, records);

    internal void StoreQueue(int rows) => Interlocked.Add(ref _storeQueueRows, rows);

    internal void NotifyOpen(int alerts, int incidents)
    {
        Volatile.Write(ref _alertsOpen, alerts);
        Volatile.Write(ref _incidentsOpen, incidents);
    }

    internal void Paged(Page page) => _pages.Add(1, new KeyValuePair<string, object?>("reason", NotifyCodec.NameOf(page.Reason)));

    internal void AlertShortened() => Interlocked.Increment(ref _alertsShortened);

    internal void PartitionReopened() => Interlocked.Increment(ref _reopened);

    internal void OutboxRetried() => Interlocked.Increment(ref _outboxRetries);

    internal void OutboxDepth(int depth) => Volatile.Write(ref _outboxDepth, depth);

    internal void Published(AlertTransition alert)
    {
        _alerts.AddOrUpdate((alert.Rule, alert.State), 1, (_, n) => n + 1);
        _latency.Record(alert.LatencyMs);
        _latencySeconds.Record(alert.LatencyMs / 1000.0);
        _alertCounter.Add(1, new("rule", alert.Rule), new("state", alert.State.Name()), new("severity", alert.Severity.Name()));
    }

    private void Counter(string name, string unit, string help, Func<long> read) => _meter.CreateObservableCounter(name, read, unit, help);
}
