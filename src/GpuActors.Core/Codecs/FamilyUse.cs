namespace GpuActors.Core.Codecs;

/// <summary>What the rows of a metric family are.</summary>
internal enum FamilyUse : byte
{
    /// <summary>Values of one metric of the catalogue.</summary>
    Metric,

    /// <summary>
    /// Values of the links' own metrics where a row has the label <c>nvlink</c>, else of the metric of all links, if there is one.
    /// </summary>
    LinkRate,

    /// <summary>Counts of XIDs in a sliding window (<c>DCGM_EXP_XID_ERRORS_COUNT</c>).</summary>
    XidCounts,

    /// <summary>Counts of polls with a throttle bit set in a sliding window (<c>DCGM_EXP_CLOCK_EVENTS_COUNT</c>).</summary>
    ClockEvents,
}
