using System.Runtime.InteropServices;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Exposition;

/// <summary>
/// Parses a page of dcgm-exporter (Prometheus text format or OpenMetrics) into one sample per GPU. It never throws: a line that cannot be
/// parsed is counted and skipped. A page groups rows by metric family, not by GPU, so a truncated page yields every GPU with the metrics
/// before the truncation, and one error.
/// <list type="bullet">
/// <item>Of several rows with the same GPU and metric (MIG instances, time-slicing, jobs) one counts. Only metrics that are sums over links
/// add up rows, one per link. The workloads of all rows are kept.</item>
/// <item>Values that DCGM reads per MIG instance are never the GPU's: they are in <see cref="MigInstances"/>.</item>
/// <item>Rows of NVSwitches and CPUs are skipped.</item>
/// </list>
/// A page with known label blocks is parsed without allocation. Not thread-safe: each endpoint has its own parser.
/// </summary>
/// <param name="registry">Interns GPU ids.</param>
/// <param name="host">Host of GPUs whose rows name none; empty for unknown.</param>
public sealed class ExpositionParser(GpuRegistry registry, string host = "")
{
    private readonly ExpositionRows _rows = new(registry);
    private readonly List<ExpositionGpu> _gpus = [];
    private readonly List<GpuSample> _samples = [];
    private readonly List<MigInstance> _instances = [];
    private long _page;
    private bool _whole;

    /// <summary>The samples of the last page, valid until the next page is parsed. Partition, offset and append time are unset.</summary>
    public ReadOnlySpan<GpuSample> Samples => CollectionsMarshal.AsSpan(_samples);

    /// <summary>Number of samples of the last page.</summary>
    public int Count => _samples.Count;

    /// <summary>The MIG instances of the last page, in the order of their first rows, valid until the next page is parsed.</summary>
    public ReadOnlySpan<MigInstance> MigInstances => CollectionsMarshal.AsSpan(_instances);

    /// <summary>Rows of known families that contributed to the last page's samples.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows of known families that were skipped: devices other than GPUs, repetitions of a value, counts without an XID.</summary>
    public int SkippedRows { get; private set; }

    /// <summary>Rows of known families without a value. They are skipped; what other rows say is not affected.</summary>
    public int RowsWithoutValue { get; private set; }

    /// <summary>Unknown metric families of the last page.</summary>
    public int UnknownFamilies { get; private set; }

    /// <summary>Lines of the last page that could not be parsed.</summary>
    public int Errors { get; private set; }

    /// <summary>The first error with line number and reason; empty without errors.</summary>
    public string FirstError { get; private set; } = "";

    /// <summary>Parses a page.</summary>
    /// <param name="page">UTF-8 text as the exporter sent it.</param>
    /// <param name="scrapeTimeMs">Time of the scrape in Unix milliseconds. Timestamps on the page are ignored: exporters send none.</param>
    /// <param name="isWhole">False when the page is known to be truncated; the text does not show a truncation between two lines.</param>
    public void Parse(ReadOnlySpan<byte> page, long scrapeTimeMs, bool isWhole = true)
    {
        Rows = SkippedRows = RowsWithoutValue = UnknownFamilies = Errors = 0;
        FirstError = "";
        _whole = isWhole;
        _gpus.Clear();
        _samples.Clear();
        _instances.Clear();
        _rows.Trim(_page++);
        Read(page, scrapeTimeMs);
        foreach (var gpu in _gpus)
        {
            gpu.Finish(_whole, host);
            if (gpu.Taken > 0)
            {
                _samples.Add(gpu.Sample);
            }
        }
    }

    private void Read(ReadOnlySpan<byte> page, long scrapeTimeMs)
    {
        ReadOnlySpan<byte> name = default;
        ExpositionFamily? family = null;
        for (var line = 1; !page.IsEmpty; line++)
        {
            var end = page.IndexOf((byte)'\n');
            var text = TrimStart(end < 0 ? page : page[..end]);
            page = end < 0 ? default : page[(end + 1)..];
            if (text.Length > 0 && text[^1] == '\r')
            {
                text = text[..^1];
            }

            if (text.SequenceEqual("# EOF"u8))
            {
                return;
            }

            if (end < 0 && !text.IsEmpty)
            {
                Lose(line, "the page ends in the middle of a line");
                return;
            }

            if (text.IsEmpty || text[0] == '#')
            {
                continue;
            }

            if (name.IsEmpty || !text.StartsWith(name) || (text.Length > name.Length && IsOfName(text[name.Length])))
            {
                name = text[..NameLength(text)];
                family = FamilyNames.Find(name);
                if (family is not null)
                {
                    _rows.Begin(family);
                }
                else if (!name.IsEmpty)
                {
                    UnknownFamilies++;
                }
            }

            if (name.IsEmpty)
            {
                Error(line, "expected a metric name");
            }
            else if (family is not null)
            {
                Row(TrimStart(text[name.Length..]), family, line, scrapeTimeMs);
            }
        }
    }

    private void Row(ReadOnlySpan<byte> text, ExpositionFamily family, int line, long timeMs)
    {
        if (text.IsEmpty)
        {
            RowsWithoutValue++;
            return;
        }

        if (!_rows.TryFind(text, out var row, out var reason))
        {
            Lose(line, reason);
            return;
        }

        // Exporters of DCGM 1.7 leave out the value of a link that is not there.
        if (TrimStart(text[row.Labels.Length..]).IsEmpty)
        {
            RowsWithoutValue++;
            return;
        }

        if (!ExpositionValue.TryRead(text[row.Labels.Length..], out var value))
        {
            Lose(line, "expected a number after the labels");
            return;
        }

        if (row.Gpu is not { } gpu)
        {
            SkippedRows++;
            return;
        }

        if (gpu.Page != _page)
        {
            gpu.Begin(_page, timeMs);
            _gpus.Add(gpu);
        }

        gpu.Meet(row);
        if (Take(gpu, row, family, double.IsFinite(value) ? value : double.NaN))
        {
            Rows++;
        }
        else
        {
            SkippedRows++;
        }
    }

    private bool Take(ExpositionGpu gpu, ExpositionRow row, ExpositionFamily family, double value)
    {
        switch (family.Use)
        {
            case FamilyUse.Metric when family.PerInstance && row.OfInstance:
                return row.Instance is { } instance && TakeInstance(instance, family.Slot, value);
            case FamilyUse.Metric when row.Link == RowLabels.NoLink || row.Link == family.Link:
                return gpu.Take(family.Slot, value, row.OfInstance);
            case FamilyUse.Metric:
                return family.Sum >= 0 && gpu.TakeLink(family.Sum, row.Link, value);
            case FamilyUse.LinkRate when row.Link == RowLabels.NoLink:
                return family.Slot >= 0 && gpu.Take(family.Slot, value, row.OfInstance);
            case FamilyUse.LinkRate:
                return row.Link < FamilyNames.LinkSlots.Length && gpu.Take(FamilyNames.LinkSlots[row.Link], value, row.OfInstance);
            case FamilyUse.XidCounts:
                return row.Xid > 0 && value >= 1 && gpu.TakeXid(row.Xid, value);
            default:
                gpu.TakeClockEvents(row.ClockBit, value);
                return true;
        }
    }

    private bool TakeInstance(MigInstance instance, int slot, double value)
    {
        if (instance.Page != _page)
        {
            instance.Begin(_page);
            _instances.Add(instance);
        }

        return instance.Take(slot, value);
    }

    private static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0 && text[0] is (byte)' ' or (byte)'\t')
        {
            text = text[1..];
        }

        return text;
    }

    private static int NameLength(ReadOnlySpan<byte> text)
    {
        var i = 0;
        while (i < text.Length && IsOfName(text[i]))
        {
            i++;
        }

        return i;
    }

    private static bool IsOfName(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)':';

    // What was lost may have been any GPU's: conclusions from rows that are not there end here.
    private void Lose(int line, string reason)
    {
        _whole = false;
        Error(line, reason);
    }

    private void Error(int line, string reason)
    {
        if (Errors++ == 0)
        {
            FirstError = $"line {line}: {reason}";
        }
    }
}
