namespace GpuActors.Learning.Histories;

/// <summary>A failure of a GPU.</summary>
/// <param name="TimeMs">Time in Unix milliseconds.</param>
/// <param name="Kind">What failed, in the words of the log.</param>
public readonly record struct FailureEvent(long TimeMs, string Kind);
