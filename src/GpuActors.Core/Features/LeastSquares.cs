namespace GpuActors.Core.Features;

/// <summary>A straight line through points by least squares. Without three points all but the number is NaN.</summary>
/// <param name="Count">Number of points.</param>
/// <param name="MeanX">Centre of the points.</param>
/// <param name="MeanY">Centre of the points.</param>
/// <param name="XX">Sum of the squares of x around the centre.</param>
/// <param name="XY">Sum of the products around the centre.</param>
/// <param name="YY">Sum of the squares of y around the centre.</param>
internal readonly record struct LeastSquares(int Count, double MeanX, double MeanY, double XX, double XY, double YY)
{
    private const int Fewest = 3;

    /// <summary>Rise of y per unit of x; NaN if x does not vary.</summary>
    public double Slope => XX > 0 ? XY / XX : double.NaN;

    /// <summary>Fits the points that have both values.</summary>
    public static LeastSquares Of(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var (count, meanX, meanY) = (0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            if (!float.IsNaN(x[i]) && !float.IsNaN(y[i]))
            {
                count++;
                meanX += x[i];
                meanY += y[i];
            }
        }

        if (count < Fewest)
        {
            return new LeastSquares(count, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        }

        meanX /= count;
        meanY /= count;
        var (xx, xy, yy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            if (!float.IsNaN(x[i]) && !float.IsNaN(y[i]))
            {
                var (dx, dy) = (x[i] - meanX, y[i] - meanY);
                xx += dx * dx;
                xy += dx * dy;
                yy += dy * dy;
            }
        }

        return new LeastSquares(count, meanX, meanY, xx, xy, yy);
    }

    /// <summary>How far a point is above the line.</summary>
    public double Residual(double x, double y) => y - MeanY - (Slope * (x - MeanX));
}
