using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// What the last record of each GPU said of it: samples that say the same share one <see cref="GpuInfo"/>, and no text is made for them.
/// </summary>
internal sealed class KnownInfos
{
    private KnownInfo?[] _bySlot = new KnownInfo?[1024];

    /// <summary>The <see cref="GpuInfo"/> that <paramref name="parts"/> spells; null when a text is no UTF-8.</summary>
    public GpuInfo? Of(GpuIdentity gpu, in InfoParts parts)
    {
        if (gpu.Slot >= _bySlot.Length)
        {
            Array.Resize(ref _bySlot, Math.Max(gpu.Slot + 1, _bySlot.Length * 2));
        }

        ref var known = ref _bySlot[gpu.Slot];
        if (known?.Says(in parts) == true)
        {
            return known.Info;
        }

        if (!parts.IsUtf8())
        {
            return null;
        }

        known = new KnownInfo(in parts);
        return known.Info;
    }
}
