using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>Random numbers of further distributions, and streams of their own for parts of a simulation.</summary>
internal static class Draws
{
    /// <summary>
    /// A stream that depends on nothing but its arguments, so that what it yields does not depend on who asks first or on threads.
    /// </summary>
    public static DeterministicRandom Stream(int seed, StreamOf part, long number, long second = 0)
    {
        var key = ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL) ^ ((ulong)part * 0xC2B2AE3D27D4EB4FUL);
        key = (key ^ (ulong)number) * 0xD6E8FEB86659FD93UL;
        key = ((key ^ (key >> 32)) + (ulong)second) * 0xD6E8FEB86659FD93UL;
        return new DeterministicRandom(key ^ (key >> 29));
    }

    /// <summary>Exponential with mean 1.</summary>
    public static double NextExponential(this ref DeterministicRandom random) => -Math.Log(1 - random.NextDouble());

    /// <summary>Normal with mean 0 and standard deviation 1, with its tails (Box and Muller).</summary>
    public static double NextGaussian(this ref DeterministicRandom random) =>
        Math.Sqrt(2 * random.NextExponential()) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Gamma with the given shape and mean 1 (Marsaglia and Tsang; below a shape of 1 with a uniform power).</summary>
    public static double NextGamma(this ref DeterministicRandom random, double shape)
    {
        var (boosted, power) = shape < 1 ? (shape + 1, 1 / shape) : (shape, 0);
        var d = boosted - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.NextGaussian();
            var v = Math.Pow(1 + (c * x), 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < (x * x / 2) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v * (power > 0 ? Math.Pow(1 - random.NextDouble(), power) : 1) / shape;
            }
        }
    }

    /// <summary>Poisson with the given mean; from a mean of 50 on by its normal approximation.</summary>
    public static int NextPoisson(this ref DeterministicRandom random, double mean)
    {
        if (mean >= 50)
        {
            return (int)Math.Max(0, Math.Round(mean + (Math.Sqrt(mean) * random.NextGaussian())));
        }

        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0);
        while (product > limit)
        {
            product *= random.NextDouble();
            count++;
        }

        return count;
    }

    /// <summary>Index of one of the shares, which sum to 1.</summary>
    public static int NextIndex(this ref DeterministicRandom random, IEnumerable<double> shares)
    {
        var (left, index) = (random.NextDouble(), -1);
        foreach (var share in shares)
        {
            index++;
            left -= share;
            if (left < 0)
            {
                break;
            }
        }

        return index;
    }
}
