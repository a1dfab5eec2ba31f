using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Checkpoints;

/// <summary>A GPU of a checkpoint that was read.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Slot">Its number within the shard.</param>
public sealed record RestoredGpu(GpuId Gpu, int Slot)
{
    /// <summary>Its state; null when it is damaged.</summary>
    public GpuState? State { get; set; }

    /// <summary>What is wrong with the state; empty when nothing is.</summary>
    public string Problem { get; set; } = "";
}
