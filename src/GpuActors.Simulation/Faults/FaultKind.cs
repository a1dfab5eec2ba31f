namespace GpuActors.Simulation.Faults;

/// <summary>The kinds of simulated faults. On the wire the names are in <c>snake_case</c>.</summary>
public enum FaultKind
{
    /// <summary>Throttle bit 0x80 (with 0x8), clocks at half their frequency.</summary>
    PowerBrake,

    /// <summary>Throttle bit 0x40 (with 0x8), temperature at the slowdown limit.</summary>
    HwThermal,

    /// <summary>Throttle bit 0x20, high temperature.</summary>
    SwThermal,

    /// <summary>One double-bit error at the start.</summary>
    Dbe,

    /// <summary>Corrected ECC errors; the value is their number per second (default 5).</summary>
    SbeStorm,

    /// <summary>
    /// The XID gauge shows the value (default 79). As on real exporters, it keeps the value after the fault has ended.
    /// </summary>
    Xid,

    /// <summary>The GPU's rows are missing from the page.</summary>
    Vanish,

    /// <summary>All values stop changing.</summary>
    Frozen,

    /// <summary>The exporter of the GPU's host answers with status 503.</summary>
    ExporterDown,

    /// <summary>Impossible values (temperature 82505, utilization 4294967295).</summary>
    Garbage,

    /// <summary>DCGM's blank sentinels instead of values.</summary>
    Sentinel,

    /// <summary>PCIe replays; the value is their number per second (default 10).</summary>
    PcieReplays,

    /// <summary>A remapped row that is pending until a reset.</summary>
    RowRemap,

    /// <summary>
    /// The driver reloads when the fault starts: volatile counters, energy and the XID gauge are reset to 0, and the links train for a
    /// minute, with errors. The value, if there is one, is the version of a new driver, such as 570.86.
    /// </summary>
    Reboot,

    /// <summary>Application XIDs (13, 31, 43, 45): the gauge shows another one every second.</summary>
    XidStorm,

    /// <summary>No load: the idle bit is set, clocks are low, and the PCIe link runs at Gen1.</summary>
    Idle,

    /// <summary>NVLink replays; the value is their number per second (default 1).</summary>
    NvlinkReplays,

    /// <summary>NVLink CRC errors; the value is their number per second (default 1).</summary>
    NvlinkCrc,

    /// <summary>The PCIe link runs at Gen3 x8, also under load.</summary>
    PcieDowntrain,

    /// <summary>The remapping of a row has failed.</summary>
    RemapFailure,

    /// <summary>A bank has exceeded the limit of SRAM errors.</summary>
    SramThreshold,
}
