namespace GpuActors.Core.Samples;

/// <summary>
/// The process-wide object for one GPU, interned by <see cref="GpuRegistry"/>. The hot path compares references and indexes arrays by
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

    /// <summary>The id's bytes, equal to the record's key.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>
    /// Dense index of this GPU, from 0, assigned when the process first encounters the GPU. It is valid in this process only.
    /// </summary>
    public int Slot { get; }

    /// <inheritdoc/>
    public override string ToString() => Id.Value;
}
