namespace GpuActors.Simulation.Faults;

/// <summary>What can go wrong; on the wire in <c>snake_case</c>.</summary>
public enum FaultKind
{
    /// <summary>Throttle bit 0x80 (with 0x8), clocks at half.</summary>
    PowerBrake,

    /// <summary>Throttle bit 0x40 (with 0x8), temperature at the slowdown limit.</summary>
    HwThermal,

    /// <summary>Throttle bit 0x20, temperature high.</summary>
    SwThermal,

    /// <summary>One double-bit error at the start.</summary>
    Dbe,

    /// <summary>Corrected errors, as many a second as the value says (default 5).</summary>
    SbeStorm,

    /// <summary>The XID gauge shows the value (default 79), and keeps it after the end, as exporters do.</summary>
    Xid,

    /// <summary>The GPU's rows are missing from the page.</summary>
    Vanish,

    /// <summary>All values stand still.</summary>
    Frozen,

    /// <summary>The exporter of the GPU's host answers 503.</summary>
    ExporterDown,

    /// <summary>Absurd values (temperature 82505, utilization 4294967295).</summary>
    Garbage,

    /// <summary>DCGM's blank values instead of numbers.</summary>
    Sentinel,

    /// <summary>PCIe replays, as many a second as the value says (default 10).</summary>
    PcieReplays,

    /// <summary>A remapped row that waits for a reset.</summary>
    RowRemap,

    /// <summary>
    /// The driver reloads at the start: volatile counters, energy and the XID gauge go to 0, and links train for a minute, with errors.
    /// </summary>
    Reboot,

    /// <summary>Application XIDs (13, 31, 43, 45): the gauge shows another one every second.</summary>
    XidStorm,

    /// <summary>No load: idle bit, low clocks, the PCIe link at Gen1.</summary>
    Idle,

    /// <summary>NVLink replays, as many a second as the value says (default 1).</summary>
    NvlinkReplays,

    /// <summary>NVLink CRC errors, as many a second as the value says (default 1).</summary>
    NvlinkCrc,

    /// <summary>The PCIe link is at Gen3 x8, under load too.</summary>
    PcieDowntrain,

    /// <summary>A row could not be remapped.</summary>
    RemapFailure,

    /// <summary>A bank has passed the limit of SRAM errors.</summary>
    SramThreshold,
}
