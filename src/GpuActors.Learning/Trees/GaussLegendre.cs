namespace GpuActors.Learning.Trees;

/// <summary>
/// A Gauss-Legendre rule on 0 to 1: the weighted sum over its points is the integral of any polynomial of a degree up to twice the number
/// of points less one (Abramowitz and Stegun, 25.4.29).
/// </summary>
internal sealed class GaussLegendre
{
    private const int Iterations = 20;

    /// <summary>Creates a rule.</summary>
    /// <param name="count">Number of points, at least 1.</param>
    public GaussLegendre(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Points = new double[count];
        Weights = new double[count];
        for (var i = 0; i < count; i++)
        {
            // Newton's method on the Legendre polynomial, from the usual estimate of its root.
            var x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            var slope = 1.0;
            for (var step = 0; step < Iterations; step++)
            {
                (var value, slope) = Legendre(count, x);
                var change = value / slope;
                x -= change;
                if (Math.Abs(change) < 1e-15)
                {
                    break;
                }
            }

            Points[i] = (1 + x) / 2;
            Weights[i] = 1 / ((1 - x * x) * slope * slope);
        }
    }

    /// <summary>The points, above 0 and below 1.</summary>
    public double[] Points { get; }

    /// <summary>The weight of each point, above 0; their sum is 1.</summary>
    public double[] Weights { get; }

    private static (double Value, double Slope) Legendre(int degree, double x)
    {
        double before = 1,
            value = x;
        for (var n = 1; n < degree; n++)
        {
            (before, value) = (value, ((2 * n + 1) * x * value - n * before) / (n + 1));
        }

        return (value, degree * (x * value - before) / (x * x - 1));
    }
}
