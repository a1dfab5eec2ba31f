namespace GpuActors.Core.Metrics;

/// <summary>
/// What a value of a counter adds to the one before. A value that has fallen by half or more means that the counter has started anew, and
/// all of it is new; one that is only a little lower comes from an older page and means nothing.
/// </summary>
public static class CounterIncrease
{
    /// <summary>Whether a value shows that the counter has started anew.</summary>
    public static bool IsAnew(double last, double value) => value <= last / 2;
}
