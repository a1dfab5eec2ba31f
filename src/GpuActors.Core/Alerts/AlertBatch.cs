using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>What one poll brought from one partition of <c>gpu-alerts</c>. Not reused: alerts are few.</summary>
/// <param name="Partition">Partition of all records.</param>
/// <param name="FirstOffset">Offset of the first record, bad ones included.</param>
/// <param name="NextOffset">The offset to go on from once the batch is done.</param>
/// <param name="Transitions">The transitions, in offset order.</param>
/// <param name="Rejected">Records that are no alerts, in offset order.</param>
public sealed record AlertBatch(
    int Partition,
    long FirstOffset,
    long NextOffset,
    IReadOnlyList<AlertTransition> Transitions,
    IReadOnlyList<RejectedRecord> Rejected);
