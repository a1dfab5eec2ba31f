namespace GpuActors.Simulation.Failures;

/// <summary>A gradual failure of one GPU, from its onset until it fails or heals.</summary>
public sealed class DegradationCourse
{
    private readonly List<double> _entries = [];

    internal DegradationCourse(ModeParameters mode, double speed, double onsetHour)
    {
        (Mode, Speed) = (mode, speed);
        _entries.Add(onsetHour);
    }

    /// <summary>The mode.</summary>
    public ModeParameters Mode { get; }

    /// <summary>Speed relative to the mode's lead time.</summary>
    public double Speed { get; }

    /// <summary>Hours at which the stages began, in order; the first is the onset.</summary>
    public IReadOnlyList<double> StageHours => _entries;

    /// <summary>Hour at which the course failed, healed, or was ended by the removal of the GPU; infinity if it is still open.</summary>
    public double EndHour { get; internal set; } = double.PositiveInfinity;

    /// <summary>Whether it ended in a failure.</summary>
    public bool Failed { get; internal set; }

    /// <summary>Whether the course is open at a time.</summary>
    public bool IsOpen(double hour) => _entries[0] <= hour && hour < EndHour;

    /// <summary>Gets the stage at a time, 1 to the number of stages; 0 if the course is not open.</summary>
    public int StageAt(double hour) => IsOpen(hour) ? _entries.Count(entry => entry <= hour) : 0;

    /// <summary>
    /// Gets how far the telemetry shows the course, 0 to 1. It follows the stages with a delay, and returns to 0 in the same way after the
    /// course has healed. It depends on the past only: what it shows of the future is the stage.
    /// </summary>
    public double SeverityAt(double hour)
    {
        if (hour < _entries[0])
        {
            return 0;
        }

        var step = 1.0 / Mode.Stages;
        var (severity, delay) = (0.0, DelayHours);
        foreach (var entry in _entries)
        {
            if (entry <= hour)
            {
                severity += step * (1 - Math.Exp((entry - hour) / delay));
            }
        }

        if (hour <= EndHour)
        {
            return severity;
        }

        var atEnd = _entries.Sum(entry => step * (1 - Math.Exp((entry - EndHour) / delay)));
        return Failed ? 0 : atEnd * Math.Exp((EndHour - hour) / delay);
    }

    /// <summary>Hour after which the telemetry no longer shows the course.</summary>
    internal double ShownUntil => Failed ? EndHour : EndHour + (8 * DelayHours);

    private double DelayHours => Math.Min(24, Mode.LeadDays * 24 / Mode.Stages / 3);

    internal void Enter(double hour) => _entries.Add(hour);
}
