namespace GpuActors.Core.Hosts;

/// <summary>When a GPU was heard.</summary>
/// <param name="LastMs">When its last record was appended, Unix milliseconds; 0 for never.</param>
/// <param name="SinceMs">Since when it has been heard without becoming absent, Unix milliseconds.</param>
/// <param name="LimitMs">Absence that counts for it, in milliseconds. The GPUs of a host share an exporter, and so its interval.</param>
public readonly record struct LastHeard(long LastMs, long SinceMs, double LimitMs);
