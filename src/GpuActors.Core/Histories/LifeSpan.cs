namespace GpuActors.Core.Histories;

/// <summary>
/// A line of the life and repair log of a fleet: a GPU was at a location from one time to another, and may have failed at the end. A GPU
/// that moves or is repaired in place has several.
/// </summary>
/// <param name="Gpu">Serial number or UUID.</param>
/// <param name="Location">Where the GPU was, in the words of the log; empty if unknown.</param>
/// <param name="InsertedMs">Start in Unix milliseconds; null if the line tells only of an event.</param>
/// <param name="RemovedMs">End in Unix milliseconds, and time of the event; null if the GPU is in service.</param>
/// <param name="Event">What failed, in the words of the log; null if nothing did.</param>
public sealed record LifeSpan(string Gpu, string Location, long? InsertedMs, long? RemovedMs, string? Event)
{
    /// <summary>Whether the GPU was in service at a time.</summary>
    public bool InServiceAt(long timeMs) => InsertedMs <= timeMs && !(RemovedMs <= timeMs);
}
