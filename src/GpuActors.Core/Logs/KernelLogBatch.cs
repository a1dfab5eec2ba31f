using GpuActors.Core.Samples;

namespace GpuActors.Core.Logs;

/// <summary>What one poll brought from one partition of <c>gpu-logs</c>. Not reused: such lines are few.</summary>
/// <param name="Partition">Partition of all records.</param>
/// <param name="FirstOffset">Offset of the first record, bad ones included.</param>
/// <param name="NextOffset">The offset to go on from once the batch is done.</param>
/// <param name="Lines">The lines, in offset order.</param>
/// <param name="Rejected">Records that are no such lines, in offset order.</param>
public sealed record KernelLogBatch(
    int Partition,
    long FirstOffset,
    long NextOffset,
    IReadOnlyList<KernelLogRecord> Lines,
    IReadOnlyList<RejectedRecord> Rejected
);
