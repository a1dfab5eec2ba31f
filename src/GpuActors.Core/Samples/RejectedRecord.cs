namespace GpuActors.Core.Samples;

/// <summary>A record that is no sample, with all that a dead letter needs.</summary>
/// <param name="Partition">Partition it came from.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Key">Original key bytes; null when there was none.</param>
/// <param name="Value">Original value bytes; null when there was none.</param>
/// <param name="Reason">Why it is no sample.</param>
/// <param name="Detail">The member, value or position at fault, in words.</param>
public sealed record RejectedRecord(int Partition, long Offset, byte[]? Key, byte[]? Value, RejectReason Reason, string Detail);
