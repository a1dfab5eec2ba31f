namespace GpuActors.Core.Samples;

/// <summary>
/// How often an XID occurred within the exporter's sliding window (<c>DCGM_EXP_XID_ERRORS_COUNT</c>, five minutes by default).
/// </summary>
/// <param name="Code">The XID, above 0.</param>
/// <param name="Count">Occurrences in the window, above 0. A count that rises, or appears, is a new occurrence.</param>
public readonly record struct XidCount(int Code, int Count);
