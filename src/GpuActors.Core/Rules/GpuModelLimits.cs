namespace GpuActors.Core.Rules;

/// <summary>Limits of a product, for devices whose driver does not say them (<c>gpu-models.conf</c>).</summary>
/// <param name="Match">Text that the product name contains, whatever the case (<c>H100</c>); empty in the entry for all others.</param>
/// <param name="GpuMaxCelsius">Highest operating temperature of the GPU.</param>
/// <param name="SlowdownCelsius">Temperature at which the hardware slows down.</param>
/// <param name="MemoryMaxCelsius">Highest operating temperature of the memory.</param>
/// <param name="SlowdownMarginCelsius">Thermal margin (field 153) below which the device slows down; null where the product has no such
/// margin.</param>
/// <param name="PcieGeneration">Best PCIe generation; 0 when unknown.</param>
/// <param name="PcieLanes">Best PCIe width; 0 when unknown.</param>
public sealed record GpuModelLimits(
    string Match,
    double GpuMaxCelsius,
    double SlowdownCelsius,
    double MemoryMaxCelsius,
    double? SlowdownMarginCelsius,
    int PcieGeneration,
    int PcieLanes
);
