using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Core.Alerts;

/// <summary><see cref="AlertLabels"/> as a JSON object of strings: the one form in records, in tables and in the API.</summary>
public sealed class AlertLabelsConverter : JsonConverter<AlertLabels>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">The value is not an object.</exception>
    public override AlertLabels Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var json = JsonElement.ParseValue(ref reader);
        return json.ValueKind == JsonValueKind.Object ? Read(json) : throw new JsonException("The labels of an alert must be an object");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, AlertLabels value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Reads an object; a value that is not a string counts with its text.</summary>
    internal static AlertLabels Read(JsonElement json) =>
        AlertLabels.From(json.EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.ToString())));

    /// <summary>Writes an object.</summary>
    internal static void Write(Utf8JsonWriter writer, AlertLabels labels)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in labels.All)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
    }
}
