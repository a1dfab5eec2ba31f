using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Decodes JSON samples of <c>gpu-metrics-raw</c> from the consumer's memory into reused sample objects. Never throws on invalid records,
/// and does not allocate for a GPU whose host, model and driver have not changed. Records with the same layout as the previous ones, such
/// as those of the collector, are decoded by a fast path that compares bytes and parses numbers in place. All other records are decoded by
/// <see cref="GeneralSampleReader"/>, which yields the same result. Not thread-safe: use one instance per consumer thread.
/// </summary>
public sealed class SampleDecoder
{
    private static readonly byte[] Start = "{\"v\":1,\"gpu\":\""u8.ToArray();
    private static readonly byte[] TimeMember = "\",\"ts\":\""u8.ToArray();

    // Longer properties are not those of a GPU, and their bytes would be kept for each of very many GPUs.
    private const int MaxHeaderBytes = 8 * 1024;

    private readonly GpuRegistry _registry;
    private readonly GeneralSampleReader _general;
    private readonly byte[] _day = new byte[10];
    private SampleLayout _layout = SampleLayout.Catalogue;
    private Header?[] _headers = new Header?[1024];
    private long _dayMs = long.MinValue;

    /// <summary>Creates a decoder that interns GPUs in <paramref name="registry"/>.</summary>
    public SampleDecoder(GpuRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
        _general = new GeneralSampleReader(registry);
    }

    /// <summary>A sentence that names the faulty member, value or position of the last rejected record.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>Number of records decoded by the fast path so far.</summary>
    public long FastRecords { get; private set; }

    /// <summary>
    /// Number of records decoded by the general reader so far. A large share indicates a producer whose layout changes between records.
    /// </summary>
    public long GeneralRecords { get; private set; }

    /// <summary>Number of metrics so far that are not in the catalogue and were ignored.</summary>
    public long UnknownMetrics { get; private set; }

    /// <summary>
    /// True if the last rejected record has the member that identifies nested events (<see cref="NestedEventReader"/>).
    /// </summary>
    internal bool MayBeNestedEvent => _general.HasSchemaVersion;

    /// <summary>Decodes a record's value into <paramref name="into"/>, which must be cleared.</summary>
    /// <returns><see cref="RejectReason.None"/>, or why the record was rejected; <paramref name="into"/> is then undefined.</returns>
    public RejectReason Decode(ReadOnlySpan<byte> value, GpuSample into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (TryFast(value, into))
        {
            FastRecords++;
            return RejectReason.None;
        }

        into.Clear();
        GeneralRecords++;
        var reason = _general.Read(value, into);
        if (reason == RejectReason.None)
        {
            UnknownMetrics += _general.UnknownMetrics;
            Learn(value, into);
        }
        else
        {
            LastDetail = _general.Detail;
        }

        return reason;
    }

    private bool TryFast(ReadOnlySpan<byte> value, GpuSample into)
    {
        if (!value.StartsWith(Start))
        {
            return false;
        }

        var rest = value[Start.Length..];
        var idEnd = rest.IndexOfAny((byte)'"', (byte)'\\');
        if (
            idEnd <= 0
            || !rest[idEnd..].StartsWith(TimeMember)
            || _registry.Intern(rest[..idEnd]) is not { } gpu
            || gpu.Slot >= _headers.Length
            || _headers[gpu.Slot] is not { } header
        )
        {
            return false;
        }

        rest = rest[(idEnd + TimeMember.Length)..];
        if (rest.Length < Rfc3339.Length || !TryTime(rest[..Rfc3339.Length], out var time))
        {
            return false;
        }

        rest = rest[Rfc3339.Length..];
        if (!rest.StartsWith(header.Bytes) || !TryMetrics(rest[header.Bytes.Length..], into))
        {
            return false;
        }

        into.Gpu = gpu;
        into.Info = header.Info;
        into.TimeMs = time;
        return true;
    }

    // Consecutive records usually have the same date, so its ten bytes are parsed only if they differ from the previous ones.
    private bool TryTime(ReadOnlySpan<byte> text, out long unixMs)
    {
        unixMs = 0;
        if (!text[..10].SequenceEqual(_day))
        {
            if (!Rfc3339.TryDay(text, out var day))
            {
                return false;
            }

            text[..10].CopyTo(_day);
            _dayMs = day * 86_400_000;
        }

        if (!Rfc3339.TryTimeOfDay(text, out var ms))
        {
            return false;
        }

        unixMs = _dayMs + ms;
        return true;
    }

    private bool TryMetrics(ReadOnlySpan<byte> text, GpuSample into)
    {
        var members = _layout.Members;
        var slots = _layout.Slots;
        var values = into.Values;
        var at = 0;
        var unknown = 0;
        for (var next = 0; next < members.Length; )
        {
            var member = members[next];
            var slot = slots[next++];
            if (!text[at..].StartsWith(member))
            {
                continue; // The record does not contain this metric.
            }

            at += member.Length;
            var read = JsonNumber.Read(text[at..], out var number);
            at += read;
            if (read == 0 || at >= text.Length)
            {
                return false;
            }

            if (slot >= 0)
            {
                values[slot] = number;
            }
            else
            {
                unknown++;
            }

            if (text[at] == ',')
            {
                at++;
                continue;
            }

            UnknownMetrics += unknown;
            return text[at] == '}' && at + 2 == text.Length && text[at + 1] == '}';
        }

        return false;
    }

    private void Learn(ReadOnlySpan<byte> value, GpuSample sample)
    {
        if (_general.Names is { Count: > 0 } names)
        {
            _layout = SampleLayout.Of(names);
        }

        if (!_general.PlainHeader || !value.StartsWith(Start))
        {
            return;
        }

        // Equal bytes between the time and the first metric always decode to the same GpuInfo, so they serve as the key of the cached one.
        var from = Start.Length + sample.Gpu.Utf8.Length + TimeMember.Length + Rfc3339.Length;
        if (from < _general.MetricsStart && _general.MetricsStart - from <= MaxHeaderBytes)
        {
            if (sample.Gpu.Slot >= _headers.Length)
            {
                Array.Resize(ref _headers, Math.Max(sample.Gpu.Slot + 1, _headers.Length * 2));
            }

            _headers[sample.Gpu.Slot] = new Header(value[from.._general.MetricsStart].ToArray(), sample.Info);
        }
    }

    private sealed record Header(byte[] Bytes, GpuInfo Info);
}
