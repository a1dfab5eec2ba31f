using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The records that NOTIFY publishes, one JSON object each: <see cref="Page"/> (<c>gpu-pages</c>), <see cref="IncidentRecord"/>
/// (<c>gpu-incidents</c>), <see cref="NotifiedAlert"/> (<c>gpu-alerts-open</c>), <see cref="Acknowledgement"/> and <see cref="Silence"/>
/// (<c>gpu-operations</c>). Members have the names of the types in snake case; a time, a member whose name ends in <c>AtMs</c>, is RFC 3339
/// in UTC under the name without <c>Ms</c>. A member that has no value is absent.
/// </summary>
public static class NotifyCodec
{
    /// <summary>Options of these records, for bodies of the API that contain them.</summary>
    public static JsonSerializerOptions Options { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters =
            {
                new AlertTransitionConverter(),
                new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
            },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WriteTimesAsText } },
        };

    /// <summary>The record of a value.</summary>
    public static byte[] Encode<T>(T value)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>Reads a record that <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">It is not such a record; the text says why.</exception>
    public static T Read<T>(ReadOnlySpan<byte> record)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(record, Options) ?? throw new FormatException("The record is null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException($"The record is not valid: {(e is JsonException json ? JsonErrors.Describe(json) : e.Message)}", e);
        }
    }

    /// <summary>The name of a reason, as records have it.</summary>
    public static string NameOf(PageReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());

    private static void WriteTimesAsText(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p => p.Name == "at_ms" || p.Name.EndsWith("_at_ms", StringComparison.Ordinal)))
        {
            if (property.PropertyType == typeof(long) || property.PropertyType == typeof(long?))
            {
                property.Name = property.Name[..^"_ms".Length];
                property.CustomConverter = property.PropertyType == typeof(long) ? new Time() : new OptionalTime();
            }
        }
    }

    private sealed class Time : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Rfc3339.TryParse(reader.ValueSpan, out var unixMs)
                ? unixMs
                : throw new JsonException("A time must be a string such as 2026-11-23T12:00:00.123Z");

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options)
        {
            Span<byte> text = stackalloc byte[Rfc3339.Length];
            Rfc3339.Write(value, text);
            writer.WriteStringValue(text);
        }
    }

    private sealed class OptionalTime : JsonConverter<long?>
    {
        private static readonly Time Inner = new();

        public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? null : Inner.Read(ref reader, typeToConvert, options);

        public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
        {
            if (value is { } unixMs)
            {
                Inner.Write(writer, unixMs, options);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
