namespace GpuActors.Core.Features;

/// <summary>Student's t distribution with a whole number of degrees of freedom.</summary>
internal static class StudentT
{
    /// <summary>Probability of a value at least as far from 0.</summary>
    /// <param name="t">The value.</param>
    /// <param name="freedom">Degrees of freedom, 1 or more.</param>
    /// <returns>0 to 1, with an absolute error near 1e-15.</returns>
    public static double TwoSided(double t, int freedom)
    {
        // The finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4.
        var cos2 = freedom / (freedom + (t * t));
        var sin = Math.Sqrt(1 - cos2);
        var isOdd = freedom % 2 == 1;
        var (term, sum) = (1.0, freedom == 1 ? 0 : 1.0);
        for (var i = isOdd ? 3 : 2; i < freedom; i += 2)
        {
            term *= cos2 * (i - 1) / i;
            sum += term;
        }

        var within = isOdd ? 2 / Math.PI * (Math.Atan(Math.Abs(t) / Math.Sqrt(freedom)) + (sin * Math.Sqrt(cos2) * sum)) : sin * sum;
        return Math.Clamp(1 - within, 0, 1);
    }
}
