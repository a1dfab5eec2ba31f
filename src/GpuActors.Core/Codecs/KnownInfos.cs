using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The properties of each GPU from its last record. Samples with equal properties share one <see cref="GpuInfo"/>, so that no strings are
/// allocated for them.
/// </summary>
internal sealed class KnownInfos
{
    // Longer properties are not those of a GPU, and their bytes would be kept for each of very many GPUs.
    private const int MaxBytes = 8 * 1024;

    private KnownInfo?[] _bySlot = new KnownInfo?[1024];

    /// <summary>Gets the <see cref="GpuInfo"/> of <paramref name="parts"/>; null if a text is not valid UTF-8.</summary>
    public GpuInfo? Of(GpuIdentity gpu, in InfoParts parts)
    {
        if (gpu.Slot >= _bySlot.Length)
        {
            Array.Resize(ref _bySlot, Math.Max(gpu.Slot + 1, _bySlot.Length * 2));
        }

        ref var known = ref _bySlot[gpu.Slot];
        if (known?.Matches(in parts) == true)
        {
            return known.Info;
        }

        if (!parts.IsUtf8())
        {
            return null;
        }

        if (parts.Length > MaxBytes)
        {
            return parts.ToInfo();
        }

        known = new KnownInfo(in parts);
        return known.Info;
    }
}
