namespace GpuActors.Core.Features;

/// <summary>A straight line through hourly values by least squares.</summary>
/// <param name="Slope">Rise per hour; NaN with fewer than three values.</param>
/// <param name="PValue">Two-sided probability of a slope at least as steep if there were no trend, 0 to 1; NaN like the slope. Values that
/// lie on a line have 0, and equal values 1.</param>
internal readonly record struct Trend(double Slope, double PValue)
{
    private static readonly Trend None = new(double.NaN, double.NaN);

    /// <summary>Fits values of consecutive hours; NaN is passed over.</summary>
    public static Trend Of(ReadOnlySpan<float> values)
    {
        var (count, meanX, meanY) = (0, 0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsNaN(values[i]))
            {
                count++;
                meanX += i;
                meanY += values[i];
            }
        }

        if (count < 3)
        {
            return None;
        }

        meanX /= count;
        meanY /= count;
        var (xx, xy, yy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsNaN(values[i]))
            {
                var (x, y) = (i - meanX, values[i] - meanY);
                xx += x * x;
                xy += x * y;
                yy += y * y;
            }
        }

        var residual = Math.Max(0, yy - (xy * xy / xx));
        return new Trend(
            xy / xx,
            yy <= 0 ? 1
                : residual <= yy * 1e-15 ? 0
                : StudentT.TwoSided(xy / xx / Math.Sqrt(residual / (count - 2) / xx), count - 2)
        );
    }
}
