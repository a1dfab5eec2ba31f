using GpuActors.Core.Samples;

namespace GpuActors.Core.Logs;

/// <summary>One line of a host's kernel log about one device: a record of <c>gpu-logs</c> with <see cref="Gpu"/> as its key.</summary>
/// <param name="Gpu">UUID of the GPU, or the id of an NVSwitch or exporter.</param>
/// <param name="Kind">What the line reports.</param>
/// <param name="Code">XID or SXid, above 0; of an exporter 0, or 79 when one of its GPUs has fallen off the bus.</param>
/// <param name="TimeMs">Time at which the kernel logged the line, in Unix milliseconds.</param>
/// <param name="Host">Host name as that host's exporter reports it; empty if unknown.</param>
/// <param name="PciBusId">PCI bus id in DCGM's form, lower case.</param>
/// <param name="Message">The line without its prefix, at most <see cref="MaxMessageLength"/> characters.</param>
public sealed record KernelLogEvent(GpuId Gpu, KernelLogKind Kind, int Code, long TimeMs, string Host, string PciBusId, string Message)
{
    /// <summary>
    /// How often the report came, at least 1: a collector passes on the first of several equal reports and sums up the others. The time is
    /// that of the last one.
    /// </summary>
    public int Count { get; init; } = 1;

    /// <summary>
    /// Index of the GPU in its host, from 0; -1 if unknown. With model and driver it labels the alerts of a GPU whose first sample is read
    /// after this record, which comes from another topic.
    /// </summary>
    public int Index { get; init; } = -1;

    /// <summary>Product name; empty if unknown.</summary>
    public string Model
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Model);
    } = "";

    /// <summary>Driver version; empty if unknown.</summary>
    public string Driver
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Driver);
    } = "";

    /// <summary>The properties of the GPU, as far as the record has them.</summary>
    public GpuInfo Info => new(Host, Index, PciBusId, Model, Driver);

    /// <summary>The start of the id of an exporter.</summary>
    public const string ExporterPrefix = "EXPORTER-";

    /// <summary>The start of the id of an NVSwitch.</summary>
    public const string SwitchPrefix = "NVSWITCH-";

    /// <summary>Whether an id is that of a GPU, and not of an exporter or an NVSwitch.</summary>
    public static bool IsGpu(GpuId id) =>
        !id.Value.StartsWith(ExporterPrefix, StringComparison.Ordinal) && !id.Value.StartsWith(SwitchPrefix, StringComparison.Ordinal);

    /// <summary>Longest message that is kept, in characters.</summary>
    public const int MaxMessageLength = TextLimits.LogMessage;

    /// <inheritdoc/>
    public string Host
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Host);
    } = TextLimits.Cut(Host, TextLimits.Host);

    /// <inheritdoc/>
    public string PciBusId
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.PciBusId);
    } = TextLimits.Cut(PciBusId, TextLimits.PciBusId);

    /// <summary>The start of a message, at most <see cref="MaxMessageLength"/> characters; never half of a surrogate pair.</summary>
    /// <param name="message">Message of any length.</param>
    public static string Cut(ReadOnlySpan<char> message)
    {
        if (message.Length <= MaxMessageLength)
        {
            return message.ToString();
        }

        var length = char.IsHighSurrogate(message[MaxMessageLength - 1]) ? MaxMessageLength - 1 : MaxMessageLength;
        return message[..length].ToString();
    }
}
