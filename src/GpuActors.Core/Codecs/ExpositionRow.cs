using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>What one label block of a page means. Read once, then recognised by its bytes.</summary>
internal sealed class ExpositionRow
{
    /// <summary>The block with both braces, as it stands on the page.</summary>
    public required byte[] Labels { get; init; }

    /// <summary>The GPU; null on rows of NvSwitches and CPUs.</summary>
    public ExpositionGpu? Gpu { get; init; }

    /// <summary>Host, index, model and driver; without workload.</summary>
    public GpuInfo Info { get; init; } = GpuInfo.Unknown;

    /// <summary>Who uses the GPU, by this row; null when it does not say.</summary>
    public Workload? Workload { get; init; }

    /// <summary>True on rows of a MIG instance.</summary>
    public bool OfInstance { get; init; }

    /// <summary>The instance; null on other rows and where its id is no number.</summary>
    public MigInstance? Instance { get; init; }

    /// <summary>Number of the NVLink; <see cref="RowLabels.NoLink"/> on other rows.</summary>
    public int Link { get; init; }

    /// <summary>The XID of a windowed count; 0 on other rows.</summary>
    public int Xid { get; init; }

    /// <summary>Number of the throttle bit of a windowed count; -1 on other rows.</summary>
    public int ClockBit { get; init; }
}
