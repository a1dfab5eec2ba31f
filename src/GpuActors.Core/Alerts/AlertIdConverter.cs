using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Core.Alerts;

/// <summary>An <see cref="AlertId"/> as a JSON string.</summary>
public sealed class AlertIdConverter : JsonConverter<AlertId>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">The value is not a string, or not a valid id.</exception>
    public override AlertId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && AlertId.TryParse(reader.GetString(), out var id)
            ? id
            : throw new JsonException($"An alert id must be a string of 1 to {AlertId.MaxLength} printable ASCII characters without space");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, AlertId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }
}
