namespace GpuActors.Simulation.Fleet;

/// <summary>A small generator whose sequence is this project's own: <see cref="Random"/> may change between runtimes.</summary>
internal struct DeterministicRandom
{
    private ulong _state;

    public DeterministicRandom(ulong seed)
    {
        _state = Mix(seed + 0x9E3779B97F4A7C15UL);
        _state |= 1;
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state;
    }

    /// <summary>From 0 up to, not including, 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>About normal, mean 0 and deviation 1: the sum of four uniform values.</summary>
    public double NextNormal() => (NextDouble() + NextDouble() + NextDouble() + NextDouble() - 2) * Math.Sqrt(3);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
