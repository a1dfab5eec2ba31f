using System.Buffers.Text;
using System.Text;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Turns a page of dcgm-exporter (Prometheus text format) into one sample per GPU. It never throws: a line that can't be read is counted
/// and left out. A page groups rows by metric family, not by GPU, so a page that is cut in the middle yields every GPU with the metrics
/// before the cut and one error. Rows of the same GPU and metric (MIG instances, time-slicing) count once and are never summed; rows of
/// NvSwitches and CPUs are skipped. Exporters list GPUs in the same order in each family and on each page, so the label block of the next
/// row is guessed and compared as bytes; labels are parsed only where the guess fails.
/// Not thread-safe: one per endpoint.
/// </summary>
public sealed class ExpositionParser(GpuRegistry registry)
{
    private readonly List<GpuSample> _pool = [];
    private readonly List<KnownRow> _rows = [];
    private int[] _sampleOfSlot = new int[64];
    private int _next;

    /// <summary>The samples of the last page, valid until the next one is parsed. Partition, offset and append time are unset.</summary>
    public ReadOnlySpan<GpuSample> Samples => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pool)[..Count];

    /// <summary>Number of samples of the last page.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of known metrics taken from the last page.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows of known metrics left out: other devices than GPUs, and repeats of a GPU's value.</summary>
    public int SkippedRows { get; private set; }

    /// <summary>Metric families of the last page that the catalogue does not have.</summary>
    public int UnknownFamilies { get; private set; }

    /// <summary>Lines of the last page that could not be read.</summary>
    public int Errors { get; private set; }

    /// <summary>The first of them, with line number and reason; empty without errors.</summary>
    public string FirstError { get; private set; } = "";

    /// <summary>Parses a whole page.</summary>
    /// <param name="page">UTF-8 text as the exporter sent it.</param>
    /// <param name="scrapeTimeMs">Time of the scrape in Unix milliseconds: exporters send no timestamps, and one that is there is ignored.</param>
    public void Parse(ReadOnlySpan<byte> page, long scrapeTimeMs)
    {
        Count = Rows = SkippedRows = UnknownFamilies = Errors = 0;
        FirstError = "";
        Array.Fill(_sampleOfSlot, -1);
        ReadOnlySpan<byte> family = default;
        var slot = -1;
        for (var line = 1; !page.IsEmpty; line++)
        {
            var end = page.IndexOf((byte)'\n');
            var text = end < 0 ? page : page[..end];
            page = end < 0 ? default : page[(end + 1)..];
            if (text.Length > 0 && text[^1] == '\r')
            {
                text = text[..^1];
            }

            if (text.IsEmpty || text[0] == '#')
            {
                if (text.SequenceEqual("# EOF"u8))
                {
                    return;
                }

                continue;
            }

            if (end < 0)
            {
                Error(line, "the page ends in the middle of a line");
                return;
            }

            var name = text[..NameLength(text)];
            if (!name.SequenceEqual(family))
            {
                family = name;
                slot = FamilyNames.Slot(name);
                UnknownFamilies += slot < 0 ? 1 : 0;
                _next = 0;
            }

            if (name.IsEmpty)
            {
                Error(line, "a metric name is wanted");
            }
            else if (slot >= 0)
            {
                Row(text[name.Length..], slot, line, scrapeTimeMs);
            }
        }
    }

    private void Row(ReadOnlySpan<byte> rest, int slot, int line, long timeMs)
    {
        if (!TryRow(rest, out var row, out var length, out var reason))
        {
            Error(line, reason);
            return;
        }

        if (!TryValue(rest[length..], out var value))
        {
            Error(line, "a number is wanted behind the labels");
            return;
        }

        if (row.Gpu is not { } gpu || (row.MigInstance && slot >= (int)Metric.GrEngineActive))
        {
            SkippedRows++; // Another device; or the profile of a MIG instance, which says nothing of the whole GPU.
            return;
        }

        ref var taken = ref Sample(gpu, row.Info, timeMs).Values[slot];
        if (!double.IsNaN(taken))
        {
            SkippedRows++;
            return;
        }

        Rows++;
        taken = double.IsFinite(value) ? value : double.NaN;
    }

    private GpuSample Sample(GpuIdentity gpu, GpuInfo info, long timeMs)
    {
        if (gpu.Slot >= _sampleOfSlot.Length)
        {
            var old = _sampleOfSlot.Length;
            Array.Resize(ref _sampleOfSlot, Math.Max(gpu.Slot + 1, old * 2));
            Array.Fill(_sampleOfSlot, -1, old, _sampleOfSlot.Length - old);
        }

        if (_sampleOfSlot[gpu.Slot] is >= 0 and var at)
        {
            return _pool[at];
        }

        if (Count == _pool.Count)
        {
            _pool.Add(new GpuSample());
        }

        var sample = _pool[Count];
        sample.Clear();
        sample.Gpu = gpu;
        sample.Info = info;
        sample.TimeMs = timeMs;
        _sampleOfSlot[gpu.Slot] = Count++;
        return sample;
    }

    private bool TryRow(ReadOnlySpan<byte> rest, out KnownRow row, out int length, out string reason)
    {
        reason = "";
        if (_next < _rows.Count && rest.StartsWith(_rows[_next].Labels))
        {
            row = _rows[_next++];
            length = row.Labels.Length;
            return true;
        }

        var labels = default(RowLabels);
        length = RowLabels.Parse(rest, ref labels, out reason);
        row = null!;
        if (length < 0)
        {
            return false;
        }

        var gpu = labels.IsOtherDevice || labels.Uuid.IsEmpty ? null : registry.Intern(labels.Uuid);
        if (gpu is null && !labels.IsOtherDevice)
        {
            reason = labels.Uuid.IsEmpty ? "there is no UUID label" : $"the UUID label '{Encoding.UTF8.GetString(labels.Uuid[..Math.Min(labels.Uuid.Length, 64)])}' is no GPU id";
            return false;
        }

        row = new KnownRow(rest[..length].ToArray(), gpu, gpu is null ? GpuInfo.Unknown : labels.Info(), labels.MigInstance);
        Remember(row, labels.Volatile);
        return true;
    }

    // The row takes its place in the expected order. One whose labels change from scrape to scrape (an XID's message) is not worth expecting.
    private void Remember(KnownRow row, bool isVolatile)
    {
        const int MostRows = 4096;
        if (isVolatile)
        {
            _next++;
            return;
        }

        if (_next < _rows.Count)
        {
            _rows[_next] = row;
        }
        else if (_rows.Count < MostRows)
        {
            _rows.Add(row);
        }

        _next = Math.Min(_next + 1, _rows.Count);
    }

    private static bool TryValue(ReadOnlySpan<byte> text, out double value)
    {
        text = text.TrimStart(" \t"u8);
        var length = text.IndexOfAny((byte)' ', (byte)'\t');
        var number = length < 0 ? text : text[..length];
        var timestamp = length < 0 ? default : text[length..].Trim(" \t"u8);
        if (!timestamp.IsEmpty && !(Utf8Parser.TryParse(timestamp, out double _, out var used) && used == timestamp.Length))
        {
            value = double.NaN;
            return false;
        }

        if (number.Length > 0 && JsonNumber.Read(number, out value) == number.Length)
        {
            return true;
        }

        if (Utf8Parser.TryParse(number, out value, out var consumed) && consumed == number.Length && number.Length > 0)
        {
            return true;
        }

        value = double.NaN;
        return number.SequenceEqual("NaN"u8) || number.SequenceEqual("+Inf"u8) || number.SequenceEqual("-Inf"u8);
    }

    private static int NameLength(ReadOnlySpan<byte> text)
    {
        var i = 0;
        while (i < text.Length && (char.IsAsciiLetterOrDigit((char)text[i]) || text[i] is (byte)'_' or (byte)':'))
        {
            i++;
        }

        return i;
    }

    private void Error(int line, string reason)
    {
        if (Errors++ == 0)
        {
            FirstError = $"line {line}: {reason}";
        }
    }

    private sealed record KnownRow(byte[] Labels, GpuIdentity? Gpu, GpuInfo Info, bool MigInstance);
}
