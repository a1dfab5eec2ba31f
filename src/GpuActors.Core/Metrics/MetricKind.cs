namespace GpuActors.Core.Metrics;

/// <summary>How the values of a metric may be read.</summary>
public enum MetricKind : byte
{
    /// <summary>A level at the moment of the scrape; statistics over it are meaningful.</summary>
    Gauge,

    /// <summary>A count that only grows until a driver reload sets it back; only its increases are meaningful.</summary>
    Counter,

    /// <summary>A set of NVML bits; never a number to average.</summary>
    BitMask,

    /// <summary>A code from a list (XID, P-state, recovery action); never a number to average.</summary>
    Code,
}
