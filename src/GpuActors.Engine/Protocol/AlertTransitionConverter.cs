using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;

namespace GpuActors.Engine.Protocol;

/// <summary>A transition within a message or a journal entry, in the form that it has in <c>gpu-alerts</c>.</summary>
internal sealed class AlertTransitionConverter : JsonConverter<AlertTransition>
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
