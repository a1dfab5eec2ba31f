using GpuActors.Core.Samples;

namespace GpuActors.Core.Logs;

/// <summary>
/// The records that one poll returned for one partition of <c>gpu-logs</c>. Log lines are rare compared with samples, so these batches are
/// not pooled.
/// </summary>
/// <param name="Partition">Partition of all records.</param>
/// <param name="FirstOffset">Offset of the first record, rejected records included.</param>
/// <param name="NextOffset">Offset from which to continue once the batch is complete.</param>
/// <param name="Lines">The decoded lines, in offset order.</param>
/// <param name="Rejected">Records that are not valid log lines, in offset order.</param>
public sealed record KernelLogBatch(
    int Partition,
    long FirstOffset,
    long NextOffset,
    IReadOnlyList<KernelLogRecord> Lines,
    IReadOnlyList<RejectedRecord> Rejected
);
