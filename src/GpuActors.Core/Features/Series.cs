namespace GpuActors.Core.Features;

/// <summary>Statistics of hourly values. NaN is passed over; without values the result is NaN.</summary>
internal static class Series
{
    // Savitzky-Golay: a parabola through 11 points, at the one in the middle.
    private const int Reach = 5;
    private static readonly double[] Smoothing = [-36, 9, 44, 69, 84, 89, 84, 69, 44, 9, -36];
    private const double SmoothingSum = 429;

    public static int Count(ReadOnlySpan<float> values)
    {
        var count = 0;
        foreach (var value in values)
        {
            count += float.IsNaN(value) ? 0 : 1;
        }

        return count;
    }

    public static double Sum(ReadOnlySpan<float> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            if (!float.IsNaN(value))
            {
                sum += value;
                count++;
            }
        }

        return count == 0 ? double.NaN : sum;
    }

    public static double Mean(ReadOnlySpan<float> values) => Sum(values) / Count(values);

    public static double Max(ReadOnlySpan<float> values)
    {
        var max = double.NaN;
        foreach (var value in values)
        {
            max = value > max || double.IsNaN(max) ? value : max;
        }

        return max;
    }

    public static double Min(ReadOnlySpan<float> values)
    {
        var min = double.NaN;
        foreach (var value in values)
        {
            min = value < min || double.IsNaN(min) ? value : min;
        }

        return min;
    }

    /// <summary>Population variance.</summary>
    public static double Variance(ReadOnlySpan<float> values)
    {
        var mean = Mean(values);
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            if (!float.IsNaN(value))
            {
                sum += (value - mean) * (value - mean);
                count++;
            }
        }

        return count == 0 ? double.NaN : sum / count;
    }

    /// <summary>Variance of all samples, from means and deviations of the hours, which count alike.</summary>
    public static double Variance(ReadOnlySpan<float> means, ReadOnlySpan<float> deviations)
    {
        var (within, count) = (0.0, 0);
        for (var i = 0; i < means.Length; i++)
        {
            if (!float.IsNaN(means[i]) && !float.IsNaN(deviations[i]))
            {
                within += (double)deviations[i] * deviations[i];
                count++;
            }
        }

        return count == 0 ? double.NaN : (within / count) + Variance(means);
    }

    /// <summary>Quantile with linear interpolation between the values next to it.</summary>
    /// <param name="values">At most <see cref="FeatureInput.Hours"/> values.</param>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(ReadOnlySpan<float> values, double share)
    {
        Span<float> sorted = stackalloc float[FeatureInput.Hours];
        var count = 0;
        foreach (var value in values)
        {
            if (!float.IsNaN(value))
            {
                sorted[count++] = value;
            }
        }

        if (count == 0)
        {
            return double.NaN;
        }

        sorted = sorted[..count];
        sorted.Sort();
        var at = share * (count - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, count - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>Fills gaps of at most three hours between two values by a straight line; longer gaps stay.</summary>
    public static void Interpolate(ReadOnlySpan<float> values, Span<float> into)
    {
        const int Most = 3;
        values.CopyTo(into);
        var last = -1;
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]))
            {
                continue;
            }

            if (last >= 0 && i - last > 1 && i - last - 1 <= Most)
            {
                for (var gap = last + 1; gap < i; gap++)
                {
                    into[gap] = values[last] + ((values[i] - values[last]) * (gap - last) / (i - last));
                }
            }

            last = i;
        }
    }

    /// <summary>Least and greatest value of the smoothed series, where it has 11 values without a gap; NaN if it has them
    /// nowhere.</summary>
    public static (double Min, double Max) SmoothedRange(ReadOnlySpan<float> values)
    {
        var (min, max) = (double.NaN, double.NaN);
        for (var i = Reach; i < values.Length - Reach; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < Smoothing.Length; j++)
            {
                sum += Smoothing[j] * values[i - Reach + j];
            }

            var smooth = sum / SmoothingSum;
            if (!double.IsNaN(smooth))
            {
                min = smooth < min || double.IsNaN(min) ? smooth : min;
                max = smooth > max || double.IsNaN(max) ? smooth : max;
            }
        }

        return (min, max);
    }
}
