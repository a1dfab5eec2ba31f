using GpuActors.Core.Logs;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Reads a kernel log line by line. It joins reports that the driver spreads over several lines and suppresses repetitions: a message that
/// was already reported in the same minute, and a line without an XID on a GPU that has fallen off the bus shortly after its XID 79. Memory
/// is bounded. Not thread-safe.
/// </summary>
public sealed class KernelLogReader
{
    private const long SameFallMs = 5 * 60_000;
    private const long BucketMs = 60_000;

    // The driver's text has three lines, which may be interleaved with lines of other processors.
    private const int MaxLinesApart = 8;

    // Far more than the devices of a host and the different messages of a minute.
    private const int MaxDevices = 4096,
        MaxMessages = 4096;

    private readonly Dictionary<string, long> _fallen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private long _bucket = long.MinValue;
    private long _lines;
    private KernelLogLine? _device;
    private long _deviceAt;

    /// <summary>Reports that were suppressed as repetitions.</summary>
    public long Suppressed { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="nowMs">Current time, Unix milliseconds: the time of a line that has none, or one in the future.</param>
    /// <param name="utcOffset">Offset of the host's local time from UTC.</param>
    /// <returns>A complete report with its time; null when the line completes none.</returns>
    public KernelLogLine? Read(ReadOnlySpan<char> line, long nowMs, TimeSpan utcOffset)
    {
        _lines++;
        if (!KernelLogParser.TryParse(line, nowMs, utcOffset, out var parsed))
        {
            return null;
        }

        switch (parsed.Part)
        {
            case KernelLogPart.Device:
                // Two reports that are interleaved line by line cannot be separated: both are dropped.
                _device = _device is not null && _deviceAt == _lines - 1 ? null : parsed;
                _deviceAt = _lines;
                return null;
            case KernelLogPart.FallenOffBus:
                if (_device is not { } device || _lines - _deviceAt > MaxLinesApart)
                {
                    return null;
                }

                _device = null;
                parsed = device with { Part = KernelLogPart.Whole, Message = $"{device.Message} {parsed.Message}" };
                break;
        }

        var report = parsed with { TimeMs = parsed.TimeMs is { } time && time <= nowMs + BucketMs ? time : nowMs };
        if (IsNew(report, report.TimeMs.Value))
        {
            return report;
        }

        Suppressed++;
        return null;
    }

    private bool IsNew(in KernelLogLine report, long timeMs)
    {
        if (report.Kind != KernelLogKind.SXid && report.Code == KernelLogParser.FallenOffBusCode)
        {
            var key = $"{report.Host} {report.PciBusId}";
            var known = _fallen.TryGetValue(key, out var at) && Math.Abs(timeMs - at) <= SameFallMs;
            if (known && report.Kind == KernelLogKind.FallenOffBus)
            {
                return false;
            }

            if (_fallen.Count >= MaxDevices)
            {
                _fallen.Clear();
            }

            _fallen[key] = timeMs;
        }

        if (timeMs / BucketMs != _bucket)
        {
            _bucket = timeMs / BucketMs;
            _told.Clear();
        }

        return _told.Count >= MaxMessages || _told.Add($"{report.Host} {report.Message}");
    }
}
