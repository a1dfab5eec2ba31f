using System.Text;
using System.Text.Json;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Reads the nested event (<c>schema_version</c> 1.0, <c>event_type</c> gpu_metric_sample) of the system that this one replaces, so that
/// its collectors can stay. Names and units: <see cref="NestedEventNames"/>. Members may come in any order. It never throws. Not
/// thread-safe: one per consumer thread.
/// </summary>
public sealed partial class NestedEventReader
{
    private const string SchemaVersion = "1.0",
        EventType = "gpu_metric_sample";

    // Unix times above are milliseconds, below seconds: 100,000,000,000 s is the year 5138, and as many milliseconds are 1973.
    private const double LargestSeconds = 1e11,
        LargestMs = 253_402_300_799_999;

    private readonly GpuRegistry _registry;
    private readonly KnownInfos _known = new();
    private int _unknown;
    private double _decodedReasons;

    /// <summary>A reader that interns GPUs in <paramref name="registry"/>.</summary>
    public NestedEventReader(GpuRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
    }

    /// <summary>What was wrong with the last record that was refused: member, value or position, in words.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>
    /// Members of <c>metrics</c>, and throttle reasons, that <see cref="NestedEventNames"/> does not have; they are kept out of the sample.
    /// </summary>
    public long UnknownMetrics { get; private set; }

    /// <summary>Fills <paramref name="into"/>, which must be clear, from a record's value.</summary>
    /// <returns><see cref="RejectReason.None"/>, or why the record is no such event; <paramref name="into"/> is then undefined.</returns>
    public RejectReason Read(ReadOnlySpan<byte> value, GpuSample into)
    {
        ArgumentNullException.ThrowIfNull(into);
        _unknown = 0;
        _decodedReasons = double.NaN;
        try
        {
            var reader = new Utf8JsonReader(value.StartsWith(Encoding.UTF8.Preamble) ? value[3..] : value);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Refuse(RejectReason.UnknownFormat, "The value is no JSON object");
            }

            var parts = new EventParts
            {
                Info = new InfoParts { Index = -1, BringsForeignPci = true },
            };
            var outcome = RejectReason.None;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var reason = ReadMember(ref reader, ref parts, into);
                outcome = outcome == RejectReason.None ? reason : outcome;
            }

            // A second value behind the object is malformed, and this is where the reader says so.
            _ = reader.Read();
            return outcome == RejectReason.None ? Complete(in parts, into) : outcome;
        }
        catch (JsonException e)
        {
            return Refuse(RejectReason.MalformedJson, $"Not well-formed JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}");
        }
        catch (InvalidOperationException)
        {
            return Refuse(RejectReason.MalformedJson, "A text holds an escape that spells no character, or bytes that are no UTF-8");
        }
    }

    private RejectReason Complete(in EventParts parts, GpuSample into)
    {
        if (!parts.HasSchema)
        {
            return Refuse(RejectReason.UnknownVersion, "Member 'schema_version' is missing; 1.0 is wanted");
        }

        if (!parts.HasEventType)
        {
            return Refuse(RejectReason.UnknownFormat, $"Member 'event_type' is missing; {EventType} is wanted");
        }

        // Its collectors write "unknown" when a page has no UUID: all such GPUs would be one.
        if (parts.Gpu.IsEmpty || parts.Gpu.SequenceEqual("unknown"u8))
        {
            return Refuse(
                RejectReason.MissingGpu,
                parts.Gpu.IsEmpty ? "Member 'gpu.gpu_uuid' is missing" : "Member 'gpu.gpu_uuid' is 'unknown'"
            );
        }

        if ((parts.TimeMs ?? parts.CollectionTimeMs) is not { } time)
        {
            return Refuse(RejectReason.MissingTime, "Member 'timestamp' is missing");
        }

        if (_registry.Intern(parts.Gpu) is not { } gpu)
        {
            return Refuse(
                RejectReason.InvalidGpu,
                $"Member 'gpu.gpu_uuid' ({parts.Gpu.Length} bytes) is no GPU id: 1 to {GpuId.MaxLength} printable ASCII characters without space are wanted"
            );
        }

        if (_known.Of(gpu, in parts.Info) is not { } info)
        {
            return Refuse(RejectReason.MalformedJson, "A text holds bytes that are no UTF-8");
        }

        into.Gpu = gpu;
        into.Info = info;
        into.TimeMs = time;
        Settle(into);
        UnknownMetrics += _unknown;
        return RejectReason.None;
    }

    private void Settle(GpuSample into)
    {
        if (!into.Has(Metric.ThrottleReasons))
        {
            into[Metric.ThrottleReasons] = _decodedReasons;
        }

        // Used and free of a page that has neither come as zeros: a GPU without memory, if they were believed.
        if (!into.Has(Metric.FbTotal) && into[Metric.FbUsed] is 0 && into[Metric.FbFree] is 0)
        {
            into[Metric.FbUsed] = into[Metric.FbFree] = into[Metric.FbUsedRatio] = double.NaN;
        }
    }

    private RejectReason ReadMember(ref Utf8JsonReader reader, ref EventParts parts, GpuSample into)
    {
        if (reader.ValueTextEquals("metrics"u8))
        {
            reader.Read();
            return ReadMetrics(ref reader, into);
        }

        if (reader.ValueTextEquals("gpu"u8))
        {
            reader.Read();
            return ReadGpu(ref reader, ref parts);
        }

        if (reader.ValueTextEquals("host"u8))
        {
            reader.Read();
            return ReadHost(ref reader, ref parts.Info);
        }

        if (reader.ValueTextEquals("timestamp"u8))
        {
            return ReadTime(ref reader, "timestamp", ref parts.TimeMs);
        }

        if (reader.ValueTextEquals("collection_timestamp"u8))
        {
            return ReadTime(ref reader, "collection_timestamp", ref parts.CollectionTimeMs);
        }

        if (reader.ValueTextEquals("schema_version"u8))
        {
            parts.HasSchema = true;
            return ReadFixed(ref reader, "schema_version", SchemaVersion, RejectReason.UnknownVersion);
        }

        if (reader.ValueTextEquals("event_type"u8))
        {
            parts.HasEventType = true;
            return ReadFixed(ref reader, "event_type", EventType, RejectReason.UnknownFormat);
        }

        reader.Read();
        reader.Skip();
        return RejectReason.None;
    }

    private RejectReason ReadFixed(ref Utf8JsonReader reader, string member, string wanted, RejectReason otherwise)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            return WrongType(ref reader, member, "a string");
        }

        return reader.ValueTextEquals(wanted)
            ? RejectReason.None
            : Refuse(otherwise, $"Member '{member}' is '{Shown(reader.ValueSpan)}'; this build knows {wanted}");
    }

    private RejectReason ReadTime(ref Utf8JsonReader reader, string member, ref long? into)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return RejectReason.None;
            case JsonTokenType.Number:
                var number = reader.GetDouble();
                var ms = Math.Abs(number) < LargestSeconds ? Math.Round(number * 1000) : number;
                if (ms is < 0 or > LargestMs)
                {
                    return Refuse(
                        RejectReason.InvalidTime,
                        $"Member '{member}' is {Shown(reader.ValueSpan)}; Unix seconds or milliseconds are wanted"
                    );
                }

                into = (long)ms;
                return RejectReason.None;
            case JsonTokenType.String:
                if (!Rfc3339.TryParseAnyOffset(reader.ValueSpan, out var time))
                {
                    return Refuse(
                        RejectReason.InvalidTime,
                        $"Member '{member}' is '{Shown(reader.ValueSpan)}'; RFC 3339 with Z or an offset is wanted, such as 2026-11-23T12:00:00.123Z"
                    );
                }

                into = time;
                return RejectReason.None;
            default:
                return WrongType(ref reader, member, "a string or a number");
        }
    }

    private static RejectReason PassOver(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
        return RejectReason.None;
    }

    private RejectReason WrongType(ref Utf8JsonReader reader, string member, string wanted)
    {
        var reason = Refuse(
            RejectReason.WrongType,
            $"Member '{member}' at byte {reader.TokenStartIndex} is {reader.TokenType}; {wanted} is wanted"
        );
        reader.Skip();
        return reason;
    }

    private RejectReason Refuse(RejectReason reason, string detail)
    {
        LastDetail = detail;
        return reason;
    }

    private static string Shown(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(64, text.Length)]);

    private ref struct EventParts
    {
        public bool HasSchema;
        public bool HasEventType;
        public ReadOnlySpan<byte> Gpu;
        public long? TimeMs;
        public long? CollectionTimeMs;
        public InfoParts Info;
    }
}
