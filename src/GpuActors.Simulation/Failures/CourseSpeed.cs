namespace GpuActors.Simulation.Failures;

/// <summary>A speed at which gradual failures develop.</summary>
/// <param name="Factor">Speed relative to the mode's lead time, 0.1 to 10.</param>
/// <param name="Share">Share of the courses with this speed, above 0 to 1; all shares sum to 1.</param>
public sealed record CourseSpeed(double Factor, double Share);
