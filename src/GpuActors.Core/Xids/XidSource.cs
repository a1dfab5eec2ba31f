namespace GpuActors.Core.Xids;

/// <summary>Where an XID was reported, the least reliable source first.</summary>
public enum XidSource : byte
{
    /// <summary>The exporter's gauge of the last code: it hides repeats and whatever came before the last.</summary>
    Gauge,

    /// <summary>The exporter's count over a sliding window.</summary>
    WindowedCount,

    /// <summary>The kernel's log: every occurrence, with its time.</summary>
    KernelLog,
}
