namespace GpuActors.Core.Samples;

/// <summary>
/// The properties of a GPU that a sample carries besides its metrics. They change rarely, so decoders share one instance between all
/// samples with equal properties. A text that is longer than its limit (<see cref="TextLimits"/>) is cut.
/// </summary>
/// <param name="Host">Host name; empty if the exporter does not report it.</param>
/// <param name="Index">Index of the GPU in its host, from 0; -1 if unknown.</param>
/// <param name="PciBusId">PCI bus id in DCGM's form (<c>00000000:1a:00.0</c>, lower case); empty if unknown.</param>
/// <param name="Model">Product name (<c>NVIDIA H100 80GB HBM3</c>); empty if unknown.</param>
/// <param name="Driver">Driver version (<c>550.127.08</c>); empty if unknown.</param>
public sealed record GpuInfo(string Host, int Index, string PciBusId, string Model, string Driver)
{
    /// <inheritdoc/>
    public string Host
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Host);
    } = TextLimits.Cut(Host, TextLimits.Host);

    /// <inheritdoc/>
    public string PciBusId
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.PciBusId);
    } = TextLimits.Cut(PciBusId, TextLimits.PciBusId);

    /// <inheritdoc/>
    public string Model
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Model);
    } = TextLimits.Cut(Model, TextLimits.Model);

    /// <inheritdoc/>
    public string Driver
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Driver);
    } = TextLimits.Cut(Driver, TextLimits.Driver);

    /// <summary>The Kubernetes workload that uses the GPU; null if the exporter does not report it.</summary>
    public Workload? Workload { get; init; }

    /// <summary>An instance in which every property is unknown.</summary>
    public static GpuInfo Unknown { get; } = new("", -1, "", "", "");
}
