namespace GpuActors.Collector.Exposition;

/// <summary>Meaning of the rows of a metric family.</summary>
internal enum FamilyUse : byte
{
    /// <summary>Values of one metric of the catalogue.</summary>
    Metric,

    /// <summary>
    /// Values of the metric of one link where a row has the label <c>nvlink</c>, otherwise of the metric of all links, if there is one.
    /// </summary>
    LinkRate,

    /// <summary>Counts of XIDs in a sliding window (<c>DCGM_EXP_XID_ERRORS_COUNT</c>).</summary>
    XidCounts,

    /// <summary>Counts of polls with a throttle bit set in a sliding window (<c>DCGM_EXP_CLOCK_EVENTS_COUNT</c>).</summary>
    ClockEvents,
}
