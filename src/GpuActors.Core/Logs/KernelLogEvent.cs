using GpuActors.Core.Samples;

namespace GpuActors.Core.Logs;

/// <summary>One line of a host's kernel log about one device: a record of <c>gpu-logs</c>, keyed by <see cref="Gpu"/>.</summary>
/// <param name="Gpu">UUID of the GPU, or the id of an NVSwitch.</param>
/// <param name="Kind">What the line reports.</param>
/// <param name="Code">XID or SXid, above 0.</param>
/// <param name="TimeMs">When the kernel logged it, Unix milliseconds.</param>
/// <param name="Host">Host name, as the exporter of that host has it; empty when unknown.</param>
/// <param name="PciBusId">PCI bus id in DCGM's form, lower case.</param>
/// <param name="Message">The line without its prefix, at most 1,024 characters.</param>
public sealed record KernelLogEvent(GpuId Gpu, KernelLogKind Kind, int Code, long TimeMs, string Host, string PciBusId, string Message);
