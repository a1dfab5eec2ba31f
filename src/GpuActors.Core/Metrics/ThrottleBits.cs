namespace GpuActors.Core.Metrics;

/// <summary>
/// Bits of the clock throttle (event) reasons, 1:1 with NVML. The others (idle 0x1, application clocks 0x2, power cap 0x4, sync boost 0x10,
/// display clocks 0x100) are normal.
/// </summary>
public static class ThrottleBits
{
    /// <summary>Software power cap: the GPU draws what it may. Normal under load.</summary>
    public const int SwPowerCap = 0x4;

    /// <summary>Hardware slowdown of any cause; goes with 0x40 or 0x80 and may flicker at P-state changes.</summary>
    public const int HwSlowdown = 0x8;

    /// <summary>Software thermal slowdown.</summary>
    public const int SwThermal = 0x20;

    /// <summary>Hardware thermal slowdown.</summary>
    public const int HwThermal = 0x40;

    /// <summary>Hardware power brake slowdown.</summary>
    public const int PowerBrake = 0x80;
}
