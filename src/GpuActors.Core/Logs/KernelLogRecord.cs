namespace GpuActors.Core.Logs;

/// <summary>A line of a kernel log with its place in <c>gpu-logs</c>.</summary>
/// <param name="Offset">Offset in its partition.</param>
/// <param name="AppendTimeMs">When Kafka appended it, Unix milliseconds.</param>
/// <param name="Line">The line.</param>
public readonly record struct KernelLogRecord(long Offset, long AppendTimeMs, KernelLogEvent Line);
