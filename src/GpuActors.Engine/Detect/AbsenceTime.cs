namespace GpuActors.Engine.Detect;

/// <summary>The time that the absence of a partition's GPUs is measured against.</summary>
/// <param name="NewestMs">Append time of the newest record, or the node's log time where that may be used, Unix milliseconds.</param>
/// <param name="MostMs">Log time of the node, or the append time of the newest record where others are unread, Unix milliseconds.</param>
internal readonly record struct AbsenceTime(long NewestMs, long MostMs)
{
    /// <summary>
    /// The time for a GPU that is heard at an interval: an interval after the newest record at most, since a stall of the partition must
    /// not look like the absence of one of its GPUs.
    /// </summary>
    public long Of(double intervalMs) => Math.Min(MostMs, NewestMs + (double.IsNaN(intervalMs) ? 0 : (long)intervalMs));
}
