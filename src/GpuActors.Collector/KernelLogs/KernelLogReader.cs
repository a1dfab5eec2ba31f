using GpuActors.Core.Logs;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Reads a kernel log line by line. It joins reports that the driver spreads over several lines. A message that was already reported in the
/// same minute is counted and summed up in one report later; a line without an XID on a GPU that has fallen off the bus is no report of its
/// own shortly after the XID 79. Memory is bounded. Not thread-safe.
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
    private readonly Dictionary<(string Host, string Device, KernelLogKind Kind, int Code), KernelLogLine> _repeated = [];
    private long _bucket = long.MinValue;
    private long _lines;
    private KernelLogLine? _device;
    private long _deviceAt;

    /// <summary>Reports that were not passed on at once, because they repeat another one.</summary>
    public long Suppressed { get; private set; }

    /// <summary>Reports whose lines had a prefix of no known form.</summary>
    public long OddPrefixes { get; private set; }

    /// <summary>Lines that contain the text of an XID or SXid and are no report: they are damaged, or of another program.</summary>
    public long Refused { get; private set; }

    /// <summary>Reports that were older than the limit.</summary>
    public long TooOld { get; private set; }

    /// <summary>Takes the reports that sum up repetitions, each with its count and the time of the last one.</summary>
    public IReadOnlyList<KernelLogLine> TakeRepeated()
    {
        if (_repeated.Count == 0)
        {
            return [];
        }

        KernelLogLine[] repeated = [.. _repeated.Values];
        _repeated.Clear();
        return repeated;
    }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="nowMs">Current time, Unix milliseconds: the time of a line that has none, or one in the future.</param>
    /// <param name="utcOffset">Offset of the host's local time from UTC.</param>
    /// <param name="sinceMs">Reports of an earlier time are counted and skipped, Unix milliseconds.</param>
    /// <returns>A complete report with its time; null when the line completes none.</returns>
    public KernelLogLine? Read(ReadOnlySpan<char> line, long nowMs, TimeSpan utcOffset, long sinceMs = long.MinValue)
    {
        _lines++;
        if (!KernelLogParser.TryParse(line, nowMs, utcOffset, out var parsed))
        {
            Refused += KernelLogParser.NamesError(line) ? 1 : 0;
            return null;
        }

        OddPrefixes += parsed.HasKnownPrefix ? 0 : 1;
        if (parsed.TimeMs < sinceMs)
        {
            TooOld++;
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
        return IsNew(report, report.TimeMs.Value) ? report : null;
    }

    /// <summary>Adds what must survive a restart.</summary>
    internal KernelLogState Save(KernelLogState state) =>
        state with
        {
            Repeated = [.. _repeated.Values.Select(SavedReport.Of)],
            Partial = _device is { } device && _lines - _deviceAt <= MaxLinesApart ? SavedReport.Of(device) : null,
            Fallen = new Dictionary<string, long>(_fallen, StringComparer.Ordinal),
        };

    /// <summary>Takes what an earlier run had read.</summary>
    internal void Load(KernelLogState state)
    {
        foreach (var line in state.Repeated.Where(repeated => repeated.TimeMs is not null).Select(repeated => repeated.Line()))
        {
            _repeated[(line.Host, line.PciBusId, line.Kind, line.Code)] = line;
        }

        _device = state.Partial?.Line(KernelLogPart.Device);
        foreach (var (device, timeMs) in state.Fallen)
        {
            _fallen[device] = timeMs;
        }
    }

    private bool IsNew(in KernelLogLine report, long timeMs)
    {
        if (report.Kind != KernelLogKind.SXid && report.Code == KernelLogParser.FallenOffBusCode)
        {
            var key = $"{report.Host} {report.PciBusId}";
            var known = _fallen.TryGetValue(key, out var at) && Math.Abs(timeMs - at) <= SameFallMs;
            if (known && report.Kind == KernelLogKind.FallenOffBus)
            {
                Suppressed++;
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

        if (_told.Count >= MaxMessages || _told.Add($"{report.Host} {report.Message}"))
        {
            return true;
        }

        Suppressed++;
        Count(report);
        return false;
    }

    private void Count(in KernelLogLine report)
    {
        var key = (report.Host, report.PciBusId, report.Kind, report.Code);
        var known = _repeated.GetValueOrDefault(key);
        _repeated[key] = report with { Count = known.Count + 1 };
    }
}
