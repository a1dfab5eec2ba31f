namespace GpuActors.Core.Logs;

/// <summary>What a line of the kernel's log reports; on the wire in <c>snake_case</c>.</summary>
public enum KernelLogKind : byte
{
    /// <summary><c>NVRM: Xid (PCI:…): code, …</c>.</summary>
    Xid,

    /// <summary>The GPU has fallen off the bus, in a line that names no XID. Its code is 79 all the same.</summary>
    FallenOffBus,

    /// <summary>
    /// An NVSwitch's error: <c>SXid (PCI:…): code, …</c>. The id is the switch's: <c>NVSWITCH-</c>, its host and its PCI bus id.
    /// </summary>
    SXid,

    /// <summary>
    /// No line of a log but the collector's own word: the GPU's exporter refuses connections or answers with an error, so its host is
    /// alive. Its code is 0.
    /// </summary>
    ExporterDown,
}
