namespace GpuActors.Core.Samples;

/// <summary>
/// What a sample says of the GPU besides metrics. It changes rarely: decoders share one instance between all samples that say the same.
/// </summary>
/// <param name="Host">Host name; empty when the exporter gives none.</param>
/// <param name="Index">Index of the GPU in its host, from 0; -1 when unknown.</param>
/// <param name="PciBusId">PCI bus id in DCGM's form (<c>00000000:1a:00.0</c>, lower case); empty when unknown.</param>
/// <param name="Model">Product name (<c>NVIDIA H100 80GB HBM3</c>); empty when unknown.</param>
/// <param name="Driver">Driver version (<c>550.127.08</c>); empty when unknown.</param>
public sealed record GpuInfo(string Host, int Index, string PciBusId, string Model, string Driver)
{
    /// <summary>Who uses it; null when the exporter does not say.</summary>
    public Workload? Workload { get; init; }

    /// <summary>Nothing is known.</summary>
    public static GpuInfo Unknown { get; } = new("", -1, "", "", "");
}
