namespace GpuActors.Simulation.Failures;

/// <summary>The ways in which a simulated GPU fails. <see cref="ModeParameters"/> has rate, lead time and type of each.</summary>
public enum FailureMode
{
    /// <summary>
    /// HBM that decays: corrected errors increase, rows are remapped one after the other (XID 63), until an uncorrectable error (48, 94 or
    /// 95, 171) finds no spare row (64).
    /// </summary>
    MemoryGradual,

    /// <summary>One uncorrectable HBM error without warning: XIDs 48, 95 and 45 within a second.</summary>
    MemorySudden,

    /// <summary>Uncorrectable SRAM error: XIDs 48 and 172, and the threshold flag.</summary>
    SramUncorrectable,

    /// <summary>The GPU's system processor hangs: XIDs 119 and 120.</summary>
    GspHang,

    /// <summary>The GPU falls off the bus without warning: XID 79, or a kernel log line without an XID, and its series vanish.</summary>
    FellOffBus,

    /// <summary>The PCIe link decays: replays increase until the GPU falls off the bus.</summary>
    PcieDecay,

    /// <summary>NVLink decays: CRC errors, then replays and recoveries, then XID 74 (145 on Blackwell).</summary>
    NvlinkDecay,

    /// <summary>The thermal interface decays: more °C per watt, then throttle bits 0x20 and 0x40.</summary>
    ThermalInterface,

    /// <summary>The voltage regulators decay: power varies more, and the power brake (0x80) engages.</summary>
    PowerStage,

    /// <summary>Wear-out: lower clocks and more power at equal load.</summary>
    Aging,

    /// <summary>A faulty GPU without a known cause and without warning.</summary>
    Unspecified,
}
