namespace GpuActors.Core.Features;

/// <summary>What an XID says of the hardware: the classes by which features count XIDs.</summary>
public enum XidClass
{
    /// <summary>Errors and repairs of HBM and SRAM: 48, 63, 64, 92, 94, 95, 140, 160, 171, 172.</summary>
    Memory,

    /// <summary>NVLink, C2C and PCIe: 74, 79, 121, 136, 137, 144 to 150.</summary>
    Interconnect,

    /// <summary>Mostly caused by applications: 13, 31, 43, 45.</summary>
    Application,

    /// <summary>All others, such as hangs of the system processor (119, 120).</summary>
    Other,
}

/// <summary>Classes of XIDs, by the meanings of NVIDIA's catalogue.</summary>
public static class XidClasses
{
    /// <summary>Number of classes.</summary>
    public const int Count = (int)XidClass.Other + 1;

    /// <summary>Gets the class of an XID.</summary>
    public static XidClass Of(int code) =>
        code switch
        {
            48 or 63 or 64 or 92 or 94 or 95 or 140 or 160 or 171 or 172 => XidClass.Memory,
            74 or 79 or 121 or 136 or 137 or (>= 144 and <= 150) => XidClass.Interconnect,
            13 or 31 or 43 or 45 => XidClass.Application,
            _ => XidClass.Other,
        };
}
