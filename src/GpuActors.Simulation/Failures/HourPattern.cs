namespace GpuActors.Simulation.Failures;

/// <summary>Statistics of one gauge over an hour.</summary>
internal readonly record struct HourStatistics(float Mean, float Deviation, float Min, float Max);

/// <summary>An hour of a healthy GPU, as the simulation in seconds gives it; temperatures are not rounded.</summary>
internal readonly record struct HourPattern(
    HourStatistics Celsius,
    HourStatistics MemoryCelsius,
    HourStatistics Watts,
    HourStatistics Utilization,
    HourStatistics Load,
    HourStatistics Clock,
    float IdleSeconds,
    float PowerCapSeconds
);
