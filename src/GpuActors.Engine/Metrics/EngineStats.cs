using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Metrics;

/// <summary>The engine's figures at one moment.</summary>
/// <param name="SamplesReceived">Samples handed to GPU actors.</param>
/// <param name="SamplesProcessed">Samples whose batches are acknowledged.</param>
/// <param name="SamplesApplied">Samples that changed a state; fewer than processed after a replay.</param>
/// <param name="Rejected">Records that were no samples.</param>
/// <param name="RowsWritten">Rows in the database by this process.</param>
/// <param name="OutboxDepth">Alerts that the broker does not have yet.</param>
/// <param name="StoreQueueRows">Rows collected and not yet written.</param>
/// <param name="StoreRetries">Writes tried again.</param>
/// <param name="Alerts">Transitions published, by rule and state.</param>
/// <param name="AlertLatencyP50Ms">Median of detection minus append, milliseconds.</param>
/// <param name="AlertLatencyP99Ms">99th percentile of it.</param>
/// <param name="AlertLatencyMaxMs">Largest.</param>
/// <param name="LogLinesApplied">Lines of kernel logs that changed a state.</param>
/// <param name="LogRejected">Records of the log topic that were no lines.</param>
public sealed record EngineStats(
    long SamplesReceived,
    long SamplesProcessed,
    long SamplesApplied,
    long Rejected,
    long RowsWritten,
    int OutboxDepth,
    long StoreQueueRows,
    long StoreRetries,
    IReadOnlyDictionary<(string Rule, AlertState State), long> Alerts,
    double AlertLatencyP50Ms,
    double AlertLatencyP99Ms,
    long AlertLatencyMaxMs,
    long LogLinesApplied,
    long LogRejected
);
