using System.Text.Json.Serialization;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.KernelLogs;

/// <summary>What survives a restart of the collector: the position in the kernel log, reports on their way, and the known GPUs.</summary>
internal sealed record KernelLogState
{
    /// <summary>The form of the file. A file of another form is ignored.</summary>
    public const int CurrentVersion = 1;

    /// <summary><see cref="CurrentVersion"/> when it was saved.</summary>
    public required int Version { get; init; }

    /// <summary>The log: a full path, or <c>journal</c>.</summary>
    public required string Source { get; init; }

    /// <summary>How far the log has been read.</summary>
    public LogCursor? Cursor { get; init; }

    /// <summary>Reports that were read and not acknowledged by a broker, in the order of the log.</summary>
    public IReadOnlyList<SavedReport> Pending { get; init; } = [];

    /// <summary>Repetitions that were not summed up yet.</summary>
    public IReadOnlyList<SavedReport> Repeated { get; init; } = [];

    /// <summary>The first line of a report of several lines.</summary>
    public SavedReport? Partial { get; init; }

    /// <summary>Devices that have fallen off the bus, as the log names them, each with the time in Unix milliseconds.</summary>
    public IReadOnlyDictionary<string, long> Fallen { get; init; } = new Dictionary<string, long>();

    /// <summary>The exporters whose pages showed <see cref="Devices"/>; empty when one of them had not answered.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>GPUs by host and PCI bus id.</summary>
    public IReadOnlyList<SavedDevice> Devices { get; init; } = [];

    /// <summary>GPUs that have fallen off the bus lately, each with the time in Unix milliseconds.</summary>
    public IReadOnlyDictionary<string, long> FallenGpus { get; init; } = new Dictionary<string, long>();
}

/// <summary>One <see cref="KernelLogLine"/>.</summary>
/// <param name="Kind">Kind of the report.</param>
/// <param name="Code">XID or SXid.</param>
/// <param name="PciBusId">PCI bus id.</param>
/// <param name="TimeMs">Unix milliseconds; null when the line has no time of day.</param>
/// <param name="Host">Host in the line; empty when it has none.</param>
/// <param name="Message">The message.</param>
/// <param name="Count">How often it came.</param>
internal sealed record SavedReport(KernelLogKind Kind, int Code, string PciBusId, long? TimeMs, string Host, string Message, int Count)
{
    public static SavedReport Of(KernelLogLine line) =>
        new(line.Kind, line.Code, line.PciBusId, line.TimeMs, line.Host, line.Message, line.Count);

    public KernelLogLine Line(KernelLogPart part = KernelLogPart.Whole) =>
        new(part, Kind, Code, PciBusId, TimeMs, Host, KernelLogEvent.Cut(Message)) { Count = Math.Max(1, Count), HasKnownPrefix = true };
}

/// <summary>A GPU at its place.</summary>
/// <param name="Host">Host, as exporters name it.</param>
/// <param name="PciBusId">PCI bus id in DCGM's form, lower case.</param>
/// <param name="Gpu">UUID.</param>
/// <param name="SeenMs">When a page showed it last, Unix milliseconds.</param>
internal sealed record SavedDevice(string Host, string PciBusId, string Gpu, long SeenMs)
{
    /// <summary>Index of the GPU in its host, from 0; -1 if unknown.</summary>
    public int Index { get; init; } = -1;

    /// <summary>Product name; empty if unknown.</summary>
    public string Model { get; init; } = "";

    /// <summary>Driver version; empty if unknown.</summary>
    public string Driver { get; init; } = "";

    /// <summary>The properties of the GPU.</summary>
    [JsonIgnore]
    public GpuInfo Info => new(Host, Index, PciBusId, Model, Driver);
}
