using System.Text;
using System.Text.Json;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Reads nested events (<c>schema_version</c> 1.0, <c>event_type</c> gpu_metric_sample), the format of the system that GpuActors replaces,
/// so that the collectors of that system can still be used. <see cref="NestedEventNames"/> lists the names and units. Members may come in
/// any order. Numbers that are not finite are missing values. Never throws on invalid records. Not thread-safe: use one instance per
/// consumer thread.
/// </summary>
public sealed partial class NestedEventReader
{
    private const string SchemaVersion = "1.0",
        EventType = "gpu_metric_sample";

    // Unix times below this number are seconds, others are milliseconds: 100,000,000,000 s is in the year 5138, 100,000,000,000 ms in 1973.
    private const double LargestSeconds = 1e11,
        LargestMs = 253_402_300_799_999;

    private readonly GpuRegistry _registry;
    private readonly KnownInfos _known = new();
    private readonly PythonNumbers _numbers = new();
    private readonly UnknownMembers? _unknownMembers;
    private int _unknown;
    private double _decodedReasons;
    private double _largestProfiling;

    /// <summary>Creates a reader.</summary>
    /// <param name="registry">Interns the GPUs.</param>
    /// <param name="unknownMembers">Counts members that are not in <see cref="NestedEventNames"/> by name; null counts only their
    /// number.</param>
    public NestedEventReader(GpuRegistry registry, UnknownMembers? unknownMembers = null)
    {
        ArgumentNullException.ThrowIfNull(registry);
        (_registry, _unknownMembers) = (registry, unknownMembers);
    }

    /// <summary>A sentence that names the faulty member, value or position of the last rejected record.</summary>
    public string LastDetail { get; private set; } = "";

    /// <summary>
    /// Number of members of <c>metrics</c> and of throttle reasons so far that are not in <see cref="NestedEventNames"/> and were ignored.
    /// </summary>
    public long UnknownMetrics { get; private set; }

    /// <summary>Reads a record's value into <paramref name="into"/>, which must be cleared.</summary>
    /// <returns><see cref="RejectReason.None"/>, or why the record was rejected; <paramref name="into"/> is then undefined.</returns>
    public RejectReason Read(ReadOnlySpan<byte> value, GpuSample into)
    {
        ArgumentNullException.ThrowIfNull(into);
        _unknown = 0;
        (_decodedReasons, _largestProfiling) = (double.NaN, double.NegativeInfinity);
        value = _numbers.Replace(value);
        try
        {
            var reader = new Utf8JsonReader(value.StartsWith(Encoding.UTF8.Preamble) ? value[3..] : value);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Refuse(RejectReason.UnknownFormat, "The value is not a JSON object");
            }

            var parts = new EventParts
            {
                Info = new InfoParts { Index = -1, NormalizePci = true },
            };
            var outcome = RejectReason.None;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var reason = ReadMember(ref reader, ref parts, into);
                outcome = outcome == RejectReason.None ? reason : outcome;
            }

            // Reading past the object makes the reader throw if other text follows.
            _ = reader.Read();
            return outcome == RejectReason.None ? Complete(in parts, into) : outcome;
        }
        catch (JsonException e)
        {
            return Refuse(RejectReason.MalformedJson, $"Not well-formed JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}");
        }
        catch (InvalidOperationException)
        {
            return Refuse(RejectReason.MalformedJson, "A string is not valid UTF-8 or has an invalid escape");
        }
    }

    private RejectReason Complete(in EventParts parts, GpuSample into)
    {
        if (!parts.HasSchema)
        {
            return Refuse(RejectReason.UnknownVersion, $"Member 'schema_version' is missing: it must be {SchemaVersion}");
        }

        if (!parts.HasEventType)
        {
            return Refuse(RejectReason.UnknownFormat, $"Member 'event_type' is missing: it must be {EventType}");
        }

        // The collectors write "unknown" if a page has no UUID. Accepting it would merge all such GPUs into one.
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
                $"Member 'gpu.gpu_uuid' ({parts.Gpu.Length} bytes) is not a valid GPU id: it must have 1 to {GpuId.MaxLength} "
                    + "printable ASCII characters without space"
            );
        }

        if (_known.Of(gpu, in parts.Info) is not { } info)
        {
            return Refuse(RejectReason.MalformedJson, "A string is not valid UTF-8");
        }

        into.Gpu = gpu;
        into.Info = info;
        into.TimeMs = time;
        CompleteMetrics(into);
        UnknownMetrics += _unknown;
        return RejectReason.None;
    }

    private void CompleteMetrics(GpuSample into)
    {
        if (_largestProfiling <= 1)
        {
            foreach (var name in NestedEventNames.Profiling)
            {
                into[name.Metric] *= name.Per;
            }
        }

        if (!into.Has(Metric.ThrottleReasons))
        {
            into[Metric.ThrottleReasons] = _decodedReasons;
        }

        // If a page has no framebuffer metrics, the collectors write zeros for used and free memory.
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

    private RejectReason ReadFixed(ref Utf8JsonReader reader, string member, string expected, RejectReason otherwise)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            return WrongType(ref reader, member, "a string");
        }

        return reader.ValueTextEquals(expected)
            ? RejectReason.None
            : Refuse(otherwise, $"Member '{member}' is '{Shown(reader.ValueSpan)}': it must be {expected}");
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
                        $"Member '{member}' is {Shown(reader.ValueSpan)}: it must be a Unix time in seconds or milliseconds"
                    );
                }

                into = (long)ms;
                return RejectReason.None;
            case JsonTokenType.String:
                if (!Rfc3339.TryParseAnyOffset(reader.ValueSpan, out var time))
                {
                    return Refuse(
                        RejectReason.InvalidTime,
                        $"Member '{member}' is '{Shown(reader.ValueSpan)}': it must be an RFC 3339 time with Z or an offset, "
                            + "such as 2026-11-23T12:00:00.123Z"
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

    private RejectReason WrongType(ref Utf8JsonReader reader, string member, string expected)
    {
        var reason = Refuse(
            RejectReason.WrongType,
            $"Member '{member}' at byte {reader.TokenStartIndex} is {reader.TokenType}: it must be {expected}"
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
