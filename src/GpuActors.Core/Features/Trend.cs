namespace GpuActors.Core.Features;

/// <summary>A straight line through hourly values by least squares.</summary>
/// <param name="Slope">Rise per hour; NaN with fewer than three values.</param>
/// <param name="PValue">Two-sided probability of a slope at least as steep if there were no trend, 0 to 1; NaN like the slope. Values that
/// lie on a line have 0, and equal values 1.</param>
internal readonly record struct Trend(double Slope, double PValue)
{
    // Numbers of the hours, exact as float32.
    private static readonly float[] Hours = [.. Enumerable.Range(0, FeatureInput.Hours).Select(hour => (float)hour)];

    /// <summary>Fits values of consecutive hours, at most <see cref="FeatureInput.Hours"/>; NaN is passed over.</summary>
    public static Trend Of(ReadOnlySpan<float> values)
    {
        var line = LeastSquares.Of(Hours.AsSpan(0, values.Length), values);
        var (slope, freedom) = (line.Slope, line.Count - 2);
        if (double.IsNaN(slope))
        {
            return new Trend(double.NaN, double.NaN);
        }

        var residual = Math.Max(0, line.YY - (line.XY * line.XY / line.XX));
        return new Trend(
            slope,
            line.YY <= 0 ? 1
                : residual <= line.YY * 1e-15 ? 0
                : StudentT.TwoSided(slope / Math.Sqrt(residual / freedom / line.XX), freedom)
        );
    }
}
