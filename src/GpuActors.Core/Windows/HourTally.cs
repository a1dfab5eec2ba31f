namespace GpuActors.Core.Windows;

/// <summary>What hours are counted of that is rarely above 0. The numbers stand in checkpoints: do not change them.</summary>
public enum HourTally
{
    /// <summary>Time with throttle bit 0x4, in milliseconds.</summary>
    PowerCapMs = 0,

    /// <summary>Time with throttle bit 0x20, in milliseconds.</summary>
    SwThermalMs = 1,

    /// <summary>Time with throttle bit 0x40, in milliseconds.</summary>
    HwThermalMs = 2,

    /// <summary>Time with throttle bit 0x80, in milliseconds.</summary>
    PowerBrakeMs = 3,

    /// <summary>Uncorrectable ECC errors.</summary>
    DbeErrors = 4,

    /// <summary>NVLink CRC errors, of flits and of data.</summary>
    NvlinkCrcErrors = 5,

    /// <summary>NVLink replays.</summary>
    NvlinkReplays = 6,

    /// <summary>NVLink recoveries.</summary>
    NvlinkRecoveries = 7,

    /// <summary>Rows of memory that were remapped, for corrected and for uncorrectable errors.</summary>
    RemappedRows = 8,

    /// <summary>XIDs of the memory.</summary>
    MemoryXids = 9,

    /// <summary>XIDs of NVLink, C2C and PCIe.</summary>
    InterconnectXids = 10,

    /// <summary>XIDs that applications cause.</summary>
    ApplicationXids = 11,

    /// <summary>All other XIDs.</summary>
    OtherXids = 12,
}
