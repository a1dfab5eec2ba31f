using GpuActors.Core.Logs;

namespace GpuActors.Collector.KernelLogs;

/// <summary>A report on a device in one line of a kernel log.</summary>
/// <param name="Part">How much of a report the line contains.</param>
/// <param name="Kind">Kind of the report.</param>
/// <param name="Code">XID or SXid, above 0; 79 for a GPU that has fallen off the bus.</param>
/// <param name="PciBusId">PCI bus id in DCGM's form, lower case; empty for <see cref="KernelLogPart.FallenOffBus"/>.</param>
/// <param name="TimeMs">Time of the line, Unix milliseconds; null when the line has no time of day.</param>
/// <param name="Host">Host name in the line; empty when it has none.</param>
/// <param name="Message">The line without its prefix, at most <see cref="KernelLogEvent.MaxMessageLength"/> characters.</param>
public readonly record struct KernelLogLine(
    KernelLogPart Part,
    KernelLogKind Kind,
    int Code,
    string PciBusId,
    long? TimeMs,
    string Host,
    string Message
)
{
    /// <summary>Whether the prefix of the line has the form of a known logger.</summary>
    public bool HasKnownPrefix { get; init; }

    /// <summary>How often the report came: a report that is repeated is summed up.</summary>
    public int Count { get; init; } = 1;
}
