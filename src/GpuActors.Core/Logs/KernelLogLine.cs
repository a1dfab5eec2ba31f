namespace GpuActors.Core.Logs;

/// <summary>What a line of a kernel log says of a device.</summary>
/// <param name="Part">Whether that is all of a report.</param>
/// <param name="Kind">What it reports; of a part, what it would be.</param>
/// <param name="Code">XID or SXid, above 0; 79 for a GPU that has fallen off the bus.</param>
/// <param name="PciBusId">PCI bus id in DCGM's form, lower case; empty for <see cref="KernelLogPart.FallenOffBus"/>.</param>
/// <param name="TimeMs">When it was logged, Unix milliseconds; null when the line has no time of day.</param>
/// <param name="Host">Name of the host in the line; empty when it has none.</param>
/// <param name="Message">The line without its prefix, at most <see cref="KernelLogParser.MaxMessageLength"/> characters.</param>
public readonly record struct KernelLogLine(
    KernelLogPart Part,
    KernelLogKind Kind,
    int Code,
    string PciBusId,
    long? TimeMs,
    string Host,
    string Message
);
