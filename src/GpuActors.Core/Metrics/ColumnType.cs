namespace GpuActors.Core.Metrics;

/// <summary>The narrowest database type that holds a metric exactly. Narrow columns keep COPY fast.</summary>
public enum ColumnType : byte
{
    /// <summary>16-bit integer: percentages, link widths, P-states.</summary>
    SmallInt,

    /// <summary>32-bit integer: clocks, mebibytes, masks.</summary>
    Integer,

    /// <summary>64-bit integer: counters of nanoseconds, millijoules and bytes.</summary>
    BigInt,

    /// <summary>32-bit float: gauges whose sensors have far fewer than 24 significant bits.</summary>
    Real,
}
