using System.Text.Unicode;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>
/// Reads samples in the format of <c>sample.proto</c> from the consumer's memory into reused sample objects. Fields may come in any order,
/// packed or not; unknown fields are skipped. Never throws on invalid records, and does not allocate for a GPU whose host, model, driver
/// and workload have not changed. Not thread-safe: use one instance per consumer thread.
/// </summary>
public sealed class ProtobufSampleReader
{
    // The range of DateTimeOffset: the years 1 to 9999.
    private const long EarliestMs = -62_135_596_800_000,
        LatestMs = 253_402_300_799_999;

    private readonly GpuRegistry _registry;
    private readonly MetricColumns _metrics = new();
    private readonly KnownInfos _known = new();

    /// <summary>Creates a reader that interns GPUs in <paramref name="registry"/>.</summary>
    public ProtobufSampleReader(GpuRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
    }

    /// <summary>A sentence that names the faulty field or position of the last rejected record.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>Number of metrics so far whose field ids are not in the catalogue and that were ignored.</summary>
    public long UnknownMetrics { get; private set; }

    /// <summary>Reads a record's value into <paramref name="into"/>, which must be cleared.</summary>
    /// <returns><see cref="RejectReason.None"/>, or why the record was rejected; <paramref name="into"/> is then undefined.</returns>
    public RejectReason Read(ReadOnlySpan<byte> value, GpuSample into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (value.IsEmpty)
        {
            return Refuse(RejectReason.EmptyValue, "The record has no value");
        }

        _metrics.Clear();
        var at = new ProtobufCursor(value);
        var record = new Record { Info = new InfoParts { Index = -1 } };
        while (!at.AtEnd)
        {
            if (!TryField(ref at, ref record, into))
            {
                return Refuse(RejectReason.MalformedProtobuf, at.Fault!);
            }
        }

        return Complete(in record, into);
    }

    private RejectReason Complete(in Record record, GpuSample into)
    {
        if (record.Version != 1)
        {
            return Refuse(
                RejectReason.UnknownVersion,
                record.Version == 0 ? "Field 'version' is missing: it must be 1" : $"Field 'version' is {record.Version}: it must be 1"
            );
        }

        if (record.Gpu.IsEmpty)
        {
            return Refuse(RejectReason.MissingGpu, "Field 'gpu' is missing");
        }

        if (!record.HasTime)
        {
            return Refuse(RejectReason.MissingTime, "Field 'time_unix_ms' is missing");
        }

        if (record.TimeMs is < EarliestMs or > LatestMs)
        {
            return Refuse(
                RejectReason.InvalidTime,
                $"Field 'time_unix_ms' is {record.TimeMs}: it must be a Unix time in milliseconds within the years 1 to 9999"
            );
        }

        var unknown = _metrics.Fill(into);
        if (unknown < 0)
        {
            return Refuse(RejectReason.MalformedProtobuf, _metrics.Counts);
        }

        if (_registry.Intern(record.Gpu) is not { } gpu)
        {
            return Refuse(
                RejectReason.InvalidGpu,
                $"Field 'gpu' ({record.Gpu.Length} bytes) is not a valid GPU id: it must have 1 to {GpuId.MaxLength} "
                    + "printable ASCII characters without space"
            );
        }

        if (_known.Of(gpu, in record.Info) is not { } info)
        {
            return Refuse(RejectReason.MalformedProtobuf, "A string is not valid UTF-8");
        }

        UnknownMetrics += unknown;
        into.Gpu = gpu;
        into.TimeMs = record.TimeMs;
        into.Info = info;
        return RejectReason.None;
    }

    // Returns false only if the cursor has a fault.
    private bool TryField(ref ProtobufCursor at, ref Record record, GpuSample into)
    {
        var start = at.Offset;
        if (!at.TryTag(out var field, out var wireType))
        {
            return false;
        }

        switch (field)
        {
            case SampleWire.Version:
                return Expect(ref at, start, field, wireType, SampleWire.Varint) && at.TryUInt32(out record.Version);
            case SampleWire.Gpu:
                return Expect(ref at, start, field, wireType, SampleWire.Bytes)
                    && at.TryBytes(out var gpu)
                    && Replace(ref at, ref record.Gpu, gpu);
            case SampleWire.Time:
                record.HasTime = true;
                return Expect(ref at, start, field, wireType, SampleWire.Varint) && at.TryInt64(out record.TimeMs);
            case SampleWire.FieldIds:
                return (wireType == SampleWire.Varint || Expect(ref at, start, field, wireType, SampleWire.Bytes))
                    && _metrics.TakeIds(ref at, wireType);
            case SampleWire.Values:
                return (wireType == SampleWire.Fixed64 || Expect(ref at, start, field, wireType, SampleWire.Bytes))
                    && _metrics.TakeValues(ref at, wireType);
            case SampleWire.XidCounts:
                return Expect(ref at, start, field, wireType, SampleWire.Bytes) && TryXidCount(ref at, into);
            case >= SampleWire.Host and <= SampleWire.Workload:
                return TryInfo(ref at, start, field, wireType, ref record.Info);
            default:
                return at.TrySkip(field, wireType);
        }
    }

    private static bool TryInfo(ref ProtobufCursor at, int start, int field, int wireType, ref InfoParts info)
    {
        if (field == SampleWire.Index)
        {
            // An int32 is encoded as the 64 bits of its value. A negative index means unknown.
            if (!Expect(ref at, start, field, wireType, SampleWire.Varint) || !at.TryInt64(out var index))
            {
                return false;
            }

            info.Index = Math.Max(-1, (int)index);
            return true;
        }

        if (!Expect(ref at, start, field, wireType, SampleWire.Bytes) || !at.TryBytes(out var bytes))
        {
            return false;
        }

        switch (field)
        {
            case SampleWire.Host:
                return Replace(ref at, ref info.Host, bytes);
            case SampleWire.Pci:
                return Replace(ref at, ref info.Pci, bytes);
            case SampleWire.Model:
                return Replace(ref at, ref info.Model, bytes);
            case SampleWire.Driver:
                return Replace(ref at, ref info.Driver, bytes);
            default:
                info.HasWorkload = true;
                var workload = new ProtobufCursor(bytes, at.Offset - bytes.Length);
                return TryWorkload(ref workload, ref info) || at.Fail(workload.Fault!);
        }
    }

    // A second workload field is merged into the first, as Protobuf specifies for embedded messages.
    private static bool TryWorkload(ref ProtobufCursor at, ref InfoParts info)
    {
        while (!at.AtEnd)
        {
            var start = at.Offset;
            if (!at.TryTag(out var field, out var wireType))
            {
                return false;
            }

            var read = field switch
            {
                SampleWire.Namespace => Expect(ref at, start, field, wireType, SampleWire.Bytes)
                    && at.TryBytes(out var text)
                    && Replace(ref at, ref info.Namespace, text),
                SampleWire.Pod => Expect(ref at, start, field, wireType, SampleWire.Bytes)
                    && at.TryBytes(out var text)
                    && Replace(ref at, ref info.Pod, text),
                SampleWire.Container => Expect(ref at, start, field, wireType, SampleWire.Bytes)
                    && at.TryBytes(out var text)
                    && Replace(ref at, ref info.Container, text),
                _ => at.TrySkip(field, wireType),
            };
            if (!read)
            {
                return false;
            }
        }

        return true;
    }

    // If a string field occurs twice, the last value is used, but every value must be valid UTF-8. The last value is checked by KnownInfos.
    private static bool Replace(ref ProtobufCursor at, ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> by)
    {
        if (!Utf8.IsValid(text))
        {
            return at.Fail("A string is not valid UTF-8");
        }

        text = by;
        return true;
    }

    private static bool TryXidCount(ref ProtobufCursor outer, GpuSample into)
    {
        if (!outer.TryBytes(out var bytes))
        {
            return false;
        }

        uint code = 0,
            count = 0;
        var at = new ProtobufCursor(bytes, outer.Offset - bytes.Length);
        while (!at.AtEnd)
        {
            var start = at.Offset;
            var read =
                at.TryTag(out var field, out var wireType)
                && field switch
                {
                    SampleWire.XidCode => Expect(ref at, start, field, wireType, SampleWire.Varint) && at.TryUInt32(out code),
                    SampleWire.XidOccurrences => Expect(ref at, start, field, wireType, SampleWire.Varint) && at.TryUInt32(out count),
                    _ => at.TrySkip(field, wireType),
                };
            if (!read)
            {
                return outer.Fail(at.Fault!);
            }
        }

        if (code is > 0 and <= int.MaxValue && count is > 0 and <= int.MaxValue && !Holds(into.XidCounts, (int)code))
        {
            _ = into.AddXidCount(new XidCount((int)code, (int)count));
        }

        return true;
    }

    private static bool Holds(ReadOnlySpan<XidCount> counts, int code)
    {
        foreach (var count in counts)
        {
            if (count.Code == code)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Expect(ref ProtobufCursor at, int start, int field, int wireType, int expected) =>
        wireType == expected || at.Fail($"field {field} has wire type {wireType}: it must be {expected}", start);

    private RejectReason Refuse(RejectReason reason, string detail)
    {
        LastDetail = detail;
        return reason;
    }

    private ref struct Record
    {
        public uint Version;
        public ReadOnlySpan<byte> Gpu;
        public bool HasTime;
        public long TimeMs;
        public InfoParts Info;
    }
}
