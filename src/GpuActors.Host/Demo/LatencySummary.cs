namespace GpuActors.Host.Demo;

/// <summary>From the append of the deciding sample to its detection, in milliseconds.</summary>
/// <param name="P50">Median.</param>
/// <param name="P99">99th percentile (nearest rank).</param>
/// <param name="Max">Largest of all.</param>
internal sealed record LatencySummary(long P50, long P99, long Max);
