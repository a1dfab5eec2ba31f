using GpuActors.Core.Samples;

namespace GpuActors.Core.Messaging;

/// <summary>What one poll brought from one partition of a topic of facts, such as alert transitions. Not reused: they are few.</summary>
/// <typeparam name="TFact">What a record says.</typeparam>
/// <param name="Partition">Partition of all records.</param>
/// <param name="FirstOffset">Offset of the first record, bad ones included.</param>
/// <param name="NextOffset">The offset to go on from once the batch is done.</param>
/// <param name="Facts">What they say, in offset order.</param>
/// <param name="Rejected">Records that say nothing of the kind, in offset order.</param>
public sealed record FactBatch<TFact>(
    int Partition,
    long FirstOffset,
    long NextOffset,
    IReadOnlyList<TFact> Facts,
    IReadOnlyList<RejectedRecord> Rejected
);
