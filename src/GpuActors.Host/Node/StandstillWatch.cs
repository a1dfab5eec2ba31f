namespace GpuActors.Host.Node;

/// <summary>
/// Detects that the process did not run for a while: its virtual machine was suspended, or it was stopped. A timer that fires late shows it
/// after the fact.
/// </summary>
internal sealed class StandstillWatch : IDisposable
{
    // The overdue timer fires at once on waking, before the consumer group has taken this consumer back.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _stoodStill;
    private readonly ITimer _timer;
    private long _checkedAt;

    /// <param name="limit">Shorter standstills are ignored.</param>
    /// <param name="time">Clock and timer.</param>
    /// <param name="stoodStill">Called with the length of a standstill, on a thread of the pool.</param>
    public StandstillWatch(TimeSpan limit, TimeProvider time, Action<TimeSpan> stoodStill)
    {
        _limit = limit;
        _time = time;
        _stoodStill = stoodStill;
        _checkedAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Check(), null, Period, Period);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>What the timer does.</summary>
    internal void Check()
    {
        var now = _time.GetTimestamp();
        var standstill = _time.GetElapsedTime(Interlocked.Exchange(ref _checkedAt, now), now);
        if (standstill > _limit)
        {
            _stoodStill(standstill);
        }
    }
}
