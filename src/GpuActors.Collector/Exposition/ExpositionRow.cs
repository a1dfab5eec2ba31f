using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Exposition;

/// <summary>The meaning of one label block of a page. It is parsed once, then recognised by its bytes.</summary>
internal sealed class ExpositionRow
{
    /// <summary>The bytes of the block with both braces.</summary>
    public required byte[] Labels { get; init; }

    /// <summary>The GPU; null on rows of NVSwitches and CPUs.</summary>
    public ExpositionGpu? Gpu { get; init; }

    /// <summary>Host, index, model and driver; without workload.</summary>
    public GpuInfo Info { get; init; } = GpuInfo.Unknown;

    /// <summary>The workload on the GPU; null when the row names none.</summary>
    public Workload? Workload { get; init; }

    /// <summary>True on rows of a MIG instance.</summary>
    public bool OfInstance { get; init; }

    /// <summary>The MIG instance; null on other rows and where the id is not a number.</summary>
    public MigInstance? Instance { get; init; }

    /// <summary>Number of the NVLink; <see cref="RowLabels.NoLink"/> on other rows.</summary>
    public int Link { get; init; }

    /// <summary>The XID of a windowed count; 0 on other rows.</summary>
    public int Xid { get; init; }

    /// <summary>Number of the throttle bit of a windowed count; -1 on other rows.</summary>
    public int ClockBit { get; init; }
}
