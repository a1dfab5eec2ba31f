namespace GpuActors.Core.Logs;

/// <summary>
/// Reads a kernel log line by line: puts reports together that the driver spreads over several lines, and leaves out what says nothing new.
/// A line without an XID on a GPU that has fallen off the bus is left out when its XID 79 was seen shortly before, and a message that comes
/// again in the same minute is told once. Memory is bounded. Not thread-safe.
/// </summary>
public sealed class KernelLogReader
{
    private const long SameFallMs = 5 * 60_000;
    private const long BucketMs = 60_000;

    // The driver's own text has three lines, which may be mixed with those of other processors.
    private const int MaxLinesApart = 8;

    // Far more than a host has devices, and than messages that differ within a minute.
    private const int MaxDevices = 4096,
        MaxMessages = 4096;

    private readonly Dictionary<string, long> _fallen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private long _bucket = long.MinValue;
    private long _lines;
    private KernelLogLine? _device;
    private long _deviceAt;

    /// <summary>Reports that were left out because they said nothing new.</summary>
    public long Suppressed { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="nowMs">Now, Unix milliseconds: the time of a line that has none or one that is still to come.</param>
    /// <param name="utcOffset">Offset of the host's local time from UTC.</param>
    /// <returns>A whole report, with its time; null when the line brings none.</returns>
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
                // Two reports that are mixed line by line can't be told apart: better none than a wrong one.
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
