using System.Text;
using System.Text.Json;
using GpuActors.Core.Alerts;

namespace GpuActors.Storage;

/// <summary>
/// Makes text that a database can hold: PostgreSQL refuses U+0000 in text and JSON, and nothing can encode half a surrogate pair. Both
/// become U+FFFD. The texts come from records of anybody, and one that was refused would stop its partition for good.
/// </summary>
internal static class StorableText
{
    private const char Replacement = '\ufffd';

    /// <summary>The text; the same instance where nothing has to be replaced.</summary>
    public static string Of(string text) => IsStorable(text) ? text : Replaced(text);

    /// <summary>Labels as JSON text.</summary>
    public static string Of(AlertLabels labels) =>
        labels.All.All(label => IsStorable(label.Key) && IsStorable(label.Value))
            ? labels.ToJson()
            : AlertLabels.From(labels.All.Select(label => KeyValuePair.Create(Of(label.Key), Of(label.Value)))).ToJson();

    /// <summary>JSON text of a value; as it is where it has no escape that could stand for such a character.</summary>
    public static string Of(JsonElement json)
    {
        var raw = json.GetRawText();
        if (!raw.Contains("\\u", StringComparison.Ordinal) && IsStorable(raw))
        {
            return raw;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Copy(json, writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static bool IsStorable(string text)
    {
        foreach (var c in text)
        {
            if (c == '\0' || char.IsSurrogate(c))
            {
                return false;
            }
        }

        return true;
    }

    // Enumerating runes replaces half surrogate pairs.
    private static string Replaced(string text)
    {
        var replaced = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value == 0 ? replaced.Append(Replacement) : replaced.Append(rune.ToString());
        }

        return replaced.ToString();
    }

    private static void Copy(JsonElement json, Utf8JsonWriter writer)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject())
                {
                    writer.WritePropertyName(TextOf(member));
                    Copy(member.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    Copy(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(TextOf(json));
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }

    // An escape of half a surrogate pair cannot be read as text at all.
    private static string TextOf(JsonElement text)
    {
        try
        {
            return Of(text.GetString()!);
        }
        catch (InvalidOperationException)
        {
            return Replacement.ToString();
        }
    }

    private static string TextOf(JsonProperty member)
    {
        try
        {
            return Of(member.Name);
        }
        catch (InvalidOperationException)
        {
            return Replacement.ToString();
        }
    }
}
