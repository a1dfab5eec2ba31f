namespace GpuActors.Core.Xids;

/// <summary>What is known of one XID on one GPU.</summary>
/// <param name="Code">The XID.</param>
/// <param name="Count">Occurrences, each counted once however many sources saw it.</param>
/// <param name="FirstMs">Time of the first, Unix milliseconds.</param>
/// <param name="LastMs">Time of the last, Unix milliseconds.</param>
/// <param name="Source">The best source that has seen it.</param>
public sealed record XidRecord(int Code, long Count, long FirstMs, long LastMs, XidSource Source);
