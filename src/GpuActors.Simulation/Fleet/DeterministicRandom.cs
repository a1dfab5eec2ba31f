namespace GpuActors.Simulation.Fleet;

/// <summary>
/// A small random number generator (xorshift). Its sequence is the same on every runtime, while that of <see cref="Random"/> may change
/// between versions of .NET.
/// </summary>
internal struct DeterministicRandom
{
    private ulong _state;

    public DeterministicRandom(ulong seed)
    {
        _state = Mix(seed + 0x9E3779B97F4A7C15UL);
        _state |= 1;
    }

    /// <summary>Returns 64 random bits.</summary>
    public ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state;
    }

    /// <summary>Returns a uniformly distributed number from 0 (inclusive) to 1 (exclusive).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// Returns an approximately normally distributed number with mean 0 and standard deviation 1: the scaled sum of four uniform numbers.
    /// </summary>
    public double NextNormal() => (NextDouble() + NextDouble() + NextDouble() + NextDouble() - 2) * Math.Sqrt(3);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
