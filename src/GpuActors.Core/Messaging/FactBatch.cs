using GpuActors.Core.Samples;

namespace GpuActors.Core.Messaging;

/// <summary>
/// The records that one poll returned for one partition of a topic of facts, such as alert transitions. Facts are rare compared with
/// samples, so these batches are not pooled.
/// </summary>
/// <typeparam name="TFact">Type of a decoded record.</typeparam>
/// <param name="Partition">Partition of all records.</param>
/// <param name="FirstOffset">Offset of the first record, rejected records included.</param>
/// <param name="NextOffset">Offset from which to continue once the batch is complete.</param>
/// <param name="Facts">The decoded records, in offset order.</param>
/// <param name="Offsets">The offset of each of <paramref name="Facts"/>.</param>
/// <param name="Rejected">Records that could not be decoded, in offset order.</param>
public sealed record FactBatch<TFact>(
    int Partition,
    long FirstOffset,
    long NextOffset,
    IReadOnlyList<TFact> Facts,
    IReadOnlyList<long> Offsets,
    IReadOnlyList<RejectedRecord> Rejected
);
