namespace GpuActors.Core.Samples;

/// <summary>A rejected record, with everything that its dead letter needs.</summary>
/// <param name="Partition">Partition of the record.</param>
/// <param name="Offset">Offset of the record in its partition.</param>
/// <param name="Key">Original key bytes; null if the record has no key.</param>
/// <param name="Value">Original value bytes; null if the record has no value.</param>
/// <param name="Reason">Why the record was rejected.</param>
/// <param name="Detail">A sentence that names the faulty member, value or position.</param>
public sealed record RejectedRecord(int Partition, long Offset, byte[]? Key, byte[]? Value, RejectReason Reason, string Detail);
