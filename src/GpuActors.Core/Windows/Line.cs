namespace GpuActors.Core.Windows;

/// <summary>A straight line through points, by least squares.</summary>
/// <param name="Slope">Rise per unit of x; 0 when all points share one x.</param>
/// <param name="MeanX">Centre of the points.</param>
/// <param name="MeanY">Centre of the points.</param>
internal readonly record struct Line(double Slope, double MeanX, double MeanY)
{
    /// <summary>The line that fits at least one point best.</summary>
    public static Line Fit(IEnumerable<(double X, double Y)> points)
    {
        // Around the centre, in two passes: hours since 1970 are large numbers, and their squares would swallow the slope.
        var all = points.ToList();
        double meanX = all.Average(p => p.X),
            meanY = all.Average(p => p.Y),
            xx = 0,
            xy = 0;
        foreach (var (x, y) in all)
        {
            xx += (x - meanX) * (x - meanX);
            xy += (x - meanX) * (y - meanY);
        }

        return new Line(xx > 0 ? xy / xx : 0, meanX, meanY);
    }

    /// <summary>Height of the line.</summary>
    public double At(double x) => MeanY + (Slope * (x - MeanX));
}
