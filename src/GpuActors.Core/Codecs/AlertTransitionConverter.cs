using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Codecs;

/// <summary>A transition within another record or a message, in the form that it has in <c>gpu-alerts</c>.</summary>
public sealed class AlertTransitionConverter : JsonConverter<AlertTransition>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">It is not an alert; the text names the member.</exception>
    public override AlertTransition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var json = JsonElement.ParseValue(ref reader);
        try
        {
            return AlertCodec.Read(json);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, AlertTransition value, JsonSerializerOptions options) =>
        AlertCodec.Write(writer, value);
}
