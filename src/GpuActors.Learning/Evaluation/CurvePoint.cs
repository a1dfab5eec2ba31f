namespace GpuActors.Learning.Evaluation;

/// <summary>A point of a curve.</summary>
/// <param name="X">Horizontal, 0 to 1.</param>
/// <param name="Y">Vertical, 0 to 1.</param>
public readonly record struct CurvePoint(double X, double Y);
