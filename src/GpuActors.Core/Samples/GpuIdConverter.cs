using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Core.Samples;

/// <summary>A <see cref="GpuId"/> as a JSON string.</summary>
public sealed class GpuIdConverter : JsonConverter<GpuId>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">The value is not a string, or not a valid id.</exception>
    public override GpuId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && GpuId.TryParse(reader.GetString(), out var gpu)
            ? gpu
            : throw new JsonException(
                $"'gpu' is not a valid GPU id: it must be a string of 1 to {GpuId.MaxLength} printable ASCII characters without space"
            );

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, GpuId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }
}
