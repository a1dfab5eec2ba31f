namespace GpuActors.Learning.Training;

/// <summary>The horizons of a prediction.</summary>
public static class Horizons
{
    private static readonly float[] AllDays = [7, 30, 90];

    /// <summary>Their lengths in days, ascending.</summary>
    public static IReadOnlyList<float> Days => AllDays;

    /// <summary>The start of a horizon's own part: the end of the horizon before it, in days; 0 for the first.</summary>
    public static float From(int horizon) => horizon == 0 ? 0 : AllDays[horizon - 1];
}
