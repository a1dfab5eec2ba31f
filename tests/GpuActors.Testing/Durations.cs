namespace GpuActors.Testing;

/// <summary>Lengths of time in milliseconds, the unit of every time in a sample.</summary>
public static class Durations
{
    public const long SecondMs = 1_000;

    public const long MinuteMs = 60 * SecondMs;

    public const long HourMs = 60 * MinuteMs;

    public const long DayMs = 24 * HourMs;
}
