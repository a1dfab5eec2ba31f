using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The alert record of <c>gpu-alerts</c>: one JSON object per transition, times in RFC 3339 UTC with milliseconds, a value or threshold
/// that a rule does not have as null.
/// </summary>
public static class AlertCodec
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Appends one JSON object.</summary>
    public static void Write(IBufferWriter<byte> into, AlertTransition alert)
    {
        using var json = new Utf8JsonWriter(into, Options);
        Write(json, alert);
    }

    /// <summary>Writes one JSON object.</summary>
    public static void Write(Utf8JsonWriter json, AlertTransition alert)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(alert);
        json.WriteStartObject();
        json.WriteString("alert_id", alert.AlertId.Value);
        json.WriteNumber("seq", alert.Seq);
        json.WriteString("state", alert.State.Name());
        json.WriteString("severity", alert.Severity.Name());
        json.WriteString("rule", alert.Rule);
        json.WriteString("gpu", alert.Gpu.Value);
        json.WriteString("summary", alert.Summary);
        WriteNumber(json, "value", alert.Value);
        WriteNumber(json, "threshold", alert.Threshold);
        WriteTime(json, "opened_at", alert.OpenedAtMs);
        WriteTime(json, "updated_at", alert.SourceTimeMs);
        WriteTime(json, "source_time", alert.SourceTimeMs);
        WriteTime(json, "ingested_at", alert.IngestedAtMs);
        WriteTime(json, "detected_at", alert.DetectedAtMs);
        json.WriteNumber("latency_ms", alert.LatencyMs);
        json.WriteString("action", alert.Action);
        json.WritePropertyName("labels");
        AlertLabelsConverter.Write(json, alert.Labels);
        json.WriteString("runbook", alert.Runbook);
        json.WriteEndObject();
    }

    /// <summary>The record of a transition.</summary>
    public static byte[] Encode(AlertTransition alert)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, alert);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a record that <see cref="Encode"/> wrote, or another producer in the same contract.</summary>
    /// <exception cref="FormatException">It is not well-formed JSON, or a member is missing or of the wrong type; the text names
    /// it.</exception>
    public static AlertTransition Read(ReadOnlyMemory<byte> record)
    {
        try
        {
            using var document = JsonDocument.Parse(record);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new FormatException($"The alert is not well-formed JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("The alert contains text that is not valid UTF-8, or an invalid escape sequence", e);
        }
    }

    /// <summary>Reads an object that is parsed already.</summary>
    /// <exception cref="FormatException">A member is missing or of the wrong type; the text names it.</exception>
    public static AlertTransition Read(JsonElement json)
    {
        return new AlertTransition
        {
            AlertId = AlertId.Parse(Text(json, "alert_id")),
            Seq = Number(json, "seq") is >= 1 and <= int.MaxValue and var seq
                ? (int)seq
                : throw new FormatException("Member 'seq' of the alert must be an integer of at least 1"),
            State = OneOf(json, "state", ("firing", AlertState.Firing), ("resolved", AlertState.Resolved)),
            Severity = OneOf(
                json,
                "severity",
                ("critical", AlertSeverity.Critical),
                ("warning", AlertSeverity.Warning),
                ("info", AlertSeverity.Info)
            ),
            Rule = Text(json, "rule"),
            Gpu = GpuId.Parse(Text(json, "gpu")),
            Summary = Text(json, "summary"),
            Value = Number(json, "value"),
            Threshold = Number(json, "threshold"),
            OpenedAtMs = Time(json, "opened_at"),
            SourceTimeMs = Time(json, "source_time"),
            IngestedAtMs = Time(json, "ingested_at"),
            DetectedAtMs = Time(json, "detected_at"),
            Action = Text(json, "action"),
            Runbook = Text(json, "runbook"),
            Labels =
                json.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Object
                    ? AlertLabelsConverter.Read(labels)
                    : AlertLabels.None,
        };
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long unixMs)
    {
        Span<byte> text = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(unixMs, text);
        json.WriteString(name, text);
    }

    private static JsonElement Member(JsonElement json, string name, JsonValueKind kind, string wanted) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var member)
        && (member.ValueKind == kind || member.ValueKind == JsonValueKind.Null)
            ? member
            : throw new FormatException($"Member '{name}' of the alert is missing or not a {wanted}");

    private static string Text(JsonElement json, string name) => Member(json, name, JsonValueKind.String, "string").GetString() ?? "";

    private static string? OptionalText(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static double Number(JsonElement json, string name)
    {
        if (Member(json, name, JsonValueKind.Number, "number") is not { ValueKind: JsonValueKind.Number } number)
        {
            return double.NaN;
        }

        // JSON permits numbers outside the range of a double, such as 1e999.
        return number.GetDouble() is var value && double.IsFinite(value)
            ? value
            : throw new FormatException($"Member '{name}' of the alert is {number.GetRawText()}, which is outside the range of a double");
    }

    private static long Time(JsonElement json, string name) =>
        Rfc3339.TryParse(System.Text.Encoding.UTF8.GetBytes(Text(json, name)), out var ms)
            ? ms
            : throw new FormatException(
                $"Member '{name}' of the alert is '{TextLimits.Quote(Text(json, name))}'; it must be a time in RFC 3339 in UTC"
            );

    private static T OneOf<T>(JsonElement json, string name, params ReadOnlySpan<(string Text, T Value)> values)
    {
        var text = Text(json, name);
        foreach (var (candidate, value) in values)
        {
            if (candidate == text)
            {
                return value;
            }
        }

        throw new FormatException(
            $"Member '{name}' of the alert is '{TextLimits.Quote(text)}': it must be "
                + string.Join(" or ", values.ToArray().Select(v => v.Text))
        );
    }
}
