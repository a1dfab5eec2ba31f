using System.Text.Unicode;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>
/// Reads samples as <c>sample.proto</c> describes them, from the consumer's own memory into reused samples. Fields may come in any order,
/// packed or not, and unknown ones are passed over. It never throws, and allocates nothing for a GPU whose host, model, driver and workload
/// have not changed. Not thread-safe: one per consumer thread.
/// </summary>
public sealed class ProtobufSampleReader
{
    // What DateTimeOffset can say: the years 1 to 9999.
    private const long EarliestMs = -62_135_596_800_000,
        LatestMs = 253_402_300_799_999;

    private readonly GpuRegistry _registry;
    private readonly MetricColumns _metrics = new();
    private readonly KnownInfos _known = new();

    /// <summary>A reader that interns GPUs in <paramref name="registry"/>.</summary>
    public ProtobufSampleReader(GpuRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
    }

    /// <summary>What was wrong with the last record that was refused: field or byte, in words.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>Metrics whose field ids the catalogue does not have; they are kept out of the sample.</summary>
    public long UnknownMetrics { get; private set; }

    /// <summary>Fills <paramref name="into"/>, which must be clear, from a record's value.</summary>
    /// <returns><see cref="RejectReason.None"/>, or why the record is no sample; <paramref name="into"/> is then undefined.</returns>
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
                record.Version == 0 ? "Field 'version' is missing; 1 is wanted" : $"Field 'version' is {record.Version}; this build knows 1"
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
                $"Field 'time_unix_ms' is {record.TimeMs}; Unix milliseconds of the years 1 to 9999 are wanted"
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
                $"Field 'gpu' ({record.Gpu.Length} bytes) is no GPU id: 1 to {GpuId.MaxLength} printable ASCII characters without space are wanted"
            );
        }

        if (_known.Of(gpu, in record.Info) is not { } info)
        {
            return Refuse(RejectReason.MalformedProtobuf, "A text holds bytes that are no UTF-8");
        }

        UnknownMetrics += unknown;
        into.Gpu = gpu;
        into.TimeMs = record.TimeMs;
        into.Info = info;
        return RejectReason.None;
    }

    // False only when the cursor has a fault.
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
            // An int32 is written as the 64 bits of its value; a negative one says as little as none.
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

    // A second one adds to the first, as Protobuf has it for every message within a message.
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

    // Of a text that comes twice the last counts, but the first must be one too. The last is looked at when it is not known yet.
    private static bool Replace(ref ProtobufCursor at, ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> by)
    {
        if (!Utf8.IsValid(text))
        {
            return at.Fail("A text holds bytes that are no UTF-8");
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

    private static bool Expect(ref ProtobufCursor at, int start, int field, int wireType, int wanted) =>
        wireType == wanted || at.Fail($"field {field} has wire type {wireType}, {wanted} is wanted", start);

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
