namespace GpuActors.Fuzzing;

/// <summary>A decoder with its valid inputs and the invariants that must hold for any input.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Name of the target, for the report.</summary>
    public abstract string Name { get; }

    /// <summary>Valid inputs, from which damaged ones are derived.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Clears what was cached from earlier inputs (GPU ids, layouts), so that memory stays bounded.</summary>
    public abstract void Renew();

    /// <summary>Decodes one input.</summary>
    /// <returns>The outcome in one word, for the report.</returns>
    /// <exception cref="FuzzViolationException">An invariant does not hold.</exception>
    public abstract string Run(byte[] input, Random random);

    /// <summary>Throws if an invariant does not hold.</summary>
    protected static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FuzzViolationException(what);
        }
    }
}
