using System.Text;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Decodes records of <c>gpu-metrics-raw</c> in all supported formats: JSON samples, Protobuf samples, and the nested events of the system
/// that GpuActors replaces. The header <c>content-type</c> determines the format; without this header the first byte does. Never throws on
/// invalid records. Not thread-safe: use one instance per consumer thread.
/// </summary>
public sealed class RecordDecoder
{
    // The tag of 'version', the first field of sample.proto. JSON can't start with this byte: it is not white space in JSON.
    private const byte ProtobufStart = 0x08;

    private readonly ProtobufSampleReader _protobuf;
    private readonly NestedEventReader _nested;

    /// <summary>Creates a decoder.</summary>
    /// <param name="registry">Interns the GPUs.</param>
    /// <param name="unknownMembers">Counts unknown members of nested events by name; null counts only their number.</param>
    public RecordDecoder(GpuRegistry registry, UnknownMembers? unknownMembers = null)
    {
        Json = new SampleDecoder(registry);
        _protobuf = new ProtobufSampleReader(registry);
        _nested = new NestedEventReader(registry, unknownMembers);
    }

    /// <summary>The decoder of JSON samples, for its counters.</summary>
    public SampleDecoder Json { get; }

    /// <summary>Number of records decoded as Protobuf samples so far.</summary>
    public long ProtobufRecords { get; private set; }

    /// <summary>Number of records decoded as nested events so far.</summary>
    public long NestedRecords { get; private set; }

    /// <summary>Number of metrics so far that are not in the catalogue and were ignored.</summary>
    public long UnknownMetrics => Json.UnknownMetrics + _protobuf.UnknownMetrics + _nested.UnknownMetrics;

    /// <summary>A sentence that names the faulty member, field or position of the last rejected record.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>Decodes a record.</summary>
    /// <param name="value">The record's value.</param>
    /// <param name="contentType">Value of the record's header <c>content-type</c>; empty if it has none.</param>
    /// <param name="into">The sample to fill; it must be cleared.</param>
    /// <returns><see cref="RejectReason.None"/>, or why the record was rejected; <paramref name="into"/> is then undefined.</returns>
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
                $"Header '{ContentTypes.Header}' is '{Encoding.UTF8.GetString(contentType[..Math.Min(64, contentType.Length)])}': "
                    + $"it must be {ContentTypes.Json} or {ContentTypes.Protobuf}"
            );
    }

    private RejectReason ReadJson(ReadOnlySpan<byte> value, GpuSample into)
    {
        // The original collectors write this member first. Nested events with another order are recognized after the attempt to decode them
        // as a sample has failed.
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
