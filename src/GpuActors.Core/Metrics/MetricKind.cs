namespace GpuActors.Core.Metrics;

/// <summary>How the values of a metric are to be interpreted.</summary>
public enum MetricKind : byte
{
    /// <summary>A level at the time of the scrape. Mean, minimum and maximum over time are meaningful.</summary>
    Gauge,

    /// <summary>A count that only increases until a driver reload resets it. Only its increases are meaningful.</summary>
    Counter,

    /// <summary>A set of NVML bits. Averages are meaningless.</summary>
    BitMask,

    /// <summary>A code from a list (XID, P-state, recovery action). Averages are meaningless.</summary>
    Code,
}
