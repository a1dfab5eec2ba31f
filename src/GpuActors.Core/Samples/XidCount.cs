namespace GpuActors.Core.Samples;

/// <summary>
/// The number of occurrences of an XID within the exporter's sliding window (<c>DCGM_EXP_XID_ERRORS_COUNT</c>, by default five minutes).
/// </summary>
/// <param name="Code">The XID, above 0.</param>
/// <param name="Count">Occurrences in the window, above 0. A new occurrence shows as a count that appears or increases.</param>
public readonly record struct XidCount(int Code, int Count);
