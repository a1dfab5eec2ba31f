namespace GpuActors.Core.Samples;

/// <summary>
/// One GPU as this process knows it: interned by <see cref="GpuRegistry"/>, so that the hot path compares references and indexes arrays by
/// <see cref="Slot"/> instead of hashing strings.
/// </summary>
public sealed class GpuIdentity
{
    internal GpuIdentity(GpuId id, byte[] utf8, int slot)
    {
        Id = id;
        Utf8 = utf8;
        Slot = slot;
    }

    /// <summary>The id.</summary>
    public GpuId Id { get; }

    /// <summary>The id's bytes, as they stand in the record's key.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>Dense number of this GPU in this process, from 0 in order of first sight. Local to the process.</summary>
    public int Slot { get; }

    /// <inheritdoc/>
    public override string ToString() => Id.Value;
}
