namespace GpuActors.Fuzzing;

/// <summary>A decoder, the valid inputs to start from, and what must hold whatever it is given.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Name, for the figures.</summary>
    public abstract string Name { get; }

    /// <summary>Valid inputs.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Lets go of what was learned from inputs so far (ids of GPUs, layouts), so that memory stays bounded.</summary>
    public abstract void Renew();

    /// <summary>Decodes one input.</summary>
    /// <returns>What became of it, in a word.</returns>
    /// <exception cref="FuzzViolationException">An invariant does not hold.</exception>
    public abstract string Run(byte[] input, Random random);

    /// <summary>Fails unless <paramref name="holds"/>.</summary>
    protected static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FuzzViolationException(what);
        }
    }
}
