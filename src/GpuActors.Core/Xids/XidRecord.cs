namespace GpuActors.Core.Xids;

/// <summary>What is known of one XID on one GPU.</summary>
/// <param name="Code">The XID.</param>
/// <param name="Count">Occurrences; one that several sources report counts once.</param>
/// <param name="FirstMs">Time of the first, Unix milliseconds.</param>
/// <param name="LastMs">Time of the last, Unix milliseconds.</param>
/// <param name="Source">The most reliable source that has reported it.</param>
public sealed record XidRecord(int Code, long Count, long FirstMs, long LastMs, XidSource Source);
