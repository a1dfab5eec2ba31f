using System.Text;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Decodes records of <c>gpu-metrics-raw</c> in any format that they may have: JSON samples, Protobuf samples, and the nested events of the
/// system that this one replaces. The header <c>content-type</c> decides and, without one, the first byte. It never throws.
/// Not thread-safe: one per consumer thread.
/// </summary>
public sealed class RecordDecoder
{
    // The tag of 'version', the first field of sample.proto. JSON can't start with it, not even as white space.
    private const byte ProtobufStart = 0x08;

    private readonly ProtobufSampleReader _protobuf;
    private readonly NestedEventReader _nested;

    /// <summary>A decoder that interns GPUs in <paramref name="registry"/>.</summary>
    public RecordDecoder(GpuRegistry registry)
    {
        Json = new SampleDecoder(registry);
        _protobuf = new ProtobufSampleReader(registry);
        _nested = new NestedEventReader(registry);
    }

    /// <summary>The decoder of JSON samples, for its counters.</summary>
    public SampleDecoder Json { get; }

    /// <summary>Records read as Protobuf samples.</summary>
    public long ProtobufRecords { get; private set; }

    /// <summary>Records read as nested events.</summary>
    public long NestedRecords { get; private set; }

    /// <summary>Metrics of all records that the catalogue does not have; they are kept out of the samples.</summary>
    public long UnknownMetrics => Json.UnknownMetrics + _protobuf.UnknownMetrics + _nested.UnknownMetrics;

    /// <summary>What was wrong with the last record that was refused: member, field or position, in words.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>Fills <paramref name="into"/>, which must be clear, from a record.</summary>
    /// <param name="value">The record's value.</param>
    /// <param name="contentType">Value of its header <c>content-type</c>; empty when it has none.</param>
    /// <param name="into">The sample.</param>
    /// <returns><see cref="RejectReason.None"/>, or why the record is no sample; <paramref name="into"/> is then undefined.</returns>
    public RejectReason Decode(ReadOnlySpan<byte> value, ReadOnlySpan<byte> contentType, GpuSample into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (contentType.IsEmpty || value.IsEmpty)
        {
            return !value.IsEmpty && value[0] == ProtobufStart ? ReadProtobuf(value, into) : ReadJson(value, into);
        }

        return ContentTypes.IsProtobuf(contentType) ? ReadProtobuf(value, into)
            : ContentTypes.IsJson(contentType) ? ReadJson(value, into)
            : Refuse(
                RejectReason.UnknownFormat,
                $"Header '{ContentTypes.Header}' is '{Encoding.UTF8.GetString(contentType[..Math.Min(64, contentType.Length)])}'; {ContentTypes.Json} or {ContentTypes.Protobuf} is wanted"
            );
    }

    private RejectReason ReadJson(ReadOnlySpan<byte> value, GpuSample into)
    {
        // As the collectors of nested events write it. Others are known once a whole record has been found to be no sample.
        if (value.StartsWith("{\"schema_version\""u8))
        {
            return ReadNested(value, into);
        }

        var reason = Json.Decode(value, into);
        if (reason == RejectReason.None)
        {
            return reason;
        }

        if (!Json.MayBeNestedEvent)
        {
            return Refuse(reason, Json.LastDetail);
        }

        into.Clear();
        return ReadNested(value, into);
    }

    private RejectReason ReadNested(ReadOnlySpan<byte> value, GpuSample into)
    {
        var reason = _nested.Read(value, into);
        if (reason != RejectReason.None)
        {
            return Refuse(reason, _nested.LastDetail);
        }

        NestedRecords++;
        return reason;
    }

    private RejectReason ReadProtobuf(ReadOnlySpan<byte> value, GpuSample into)
    {
        var reason = _protobuf.Read(value, into);
        if (reason != RejectReason.None)
        {
            return Refuse(reason, _protobuf.LastDetail);
        }

        ProtobufRecords++;
        return reason;
    }

    private RejectReason Refuse(RejectReason reason, string detail)
    {
        LastDetail = detail;
        return reason;
    }
}
