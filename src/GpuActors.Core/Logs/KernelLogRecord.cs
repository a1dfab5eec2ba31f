namespace GpuActors.Core.Logs;

/// <summary>A kernel log line with its position in <c>gpu-logs</c>.</summary>
/// <param name="Offset">Offset in its partition.</param>
/// <param name="AppendTimeMs">Time at which Kafka appended the record, in Unix milliseconds.</param>
/// <param name="Line">The line.</param>
public readonly record struct KernelLogRecord(long Offset, long AppendTimeMs, KernelLogEvent Line);
