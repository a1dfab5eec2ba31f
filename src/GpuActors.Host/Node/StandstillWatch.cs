namespace GpuActors.Host.Node;

/// <summary>
/// Notices that the whole process stood still: a virtual machine that was suspended, a process that was stopped. It can only be seen
/// afterwards, by a look that comes too late.
/// </summary>
internal sealed class StandstillWatch : IDisposable
{
    // On waking the look that is overdue comes at once, before the group has taken this consumer back.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _stoodStill;
    private readonly ITimer _timer;
    private long _lookedAt;

    /// <param name="limit">A standstill of up to this time is nothing.</param>
    /// <param name="time">Clock and timer.</param>
    /// <param name="stoodStill">Told how long a longer one was, on a thread of the pool.</param>
    public StandstillWatch(TimeSpan limit, TimeProvider time, Action<TimeSpan> stoodStill)
    {
        _limit = limit;
        _time = time;
        _stoodStill = stoodStill;
        _lookedAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>What the timer does.</summary>
    internal void Look()
    {
        var now = _time.GetTimestamp();
        var still = _time.GetElapsedTime(Interlocked.Exchange(ref _lookedAt, now), now);
        if (still > _limit)
        {
            _stoodStill(still);
        }
    }
}
