namespace GpuActors.Core.Logs;

/// <summary>What a line of the kernel log reports. On the wire the names are in <c>snake_case</c>.</summary>
public enum KernelLogKind : byte
{
    /// <summary><c>NVRM: Xid (PCI:…): code, …</c>.</summary>
    Xid,

    /// <summary>The GPU has fallen off the bus, reported in a line without an XID. The code is 79, as for the XID.</summary>
    FallenOffBus,

    /// <summary>
    /// An NVSwitch error: <c>SXid (PCI:…): code, …</c>. The id is that of the switch: <c>NVSWITCH-</c>, its host and its PCI bus id.
    /// </summary>
    SXid,

    /// <summary>
    /// Not a log line but a report of the collector: an exporter refuses connections or answers with an error, which shows that its host is
    /// alive. The id is that of the exporter (<c>EXPORTER-</c> and its address), which repeats the report while the state lasts, or that of
    /// one of its GPUs, once. The code is 79 when a GPU of the exporter has fallen off the bus, otherwise 0.
    /// </summary>
    ExporterDown,

    /// <summary>A report of the collector: the exporter answers again. The code is 0.</summary>
    ExporterUp,
}
