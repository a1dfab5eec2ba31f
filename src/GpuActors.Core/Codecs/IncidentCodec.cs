using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The record of <c>gpu-incidents</c>: one JSON object with an incident's whole state, times in RFC 3339 UTC with milliseconds.
/// </summary>
public static class IncidentCodec
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The record of an incident.</summary>
    public static byte[] Encode(IncidentRecord incident)
    {
        ArgumentNullException.ThrowIfNull(incident);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            Write(json, incident);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, IncidentRecord incident)
    {
        json.WriteStartObject();
        json.WriteString("incident_id", incident.IncidentId);
        json.WriteNumber("seq", incident.Seq);
        json.WriteString("state", incident.State.Name());
        json.WriteString("cause", incident.Cause);
        json.WriteStartObject("scope");
        json.WriteString("kind", incident.Scope.Kind);
        json.WriteString("name", incident.Scope.Name);
        json.WriteEndObject();
        json.WriteString("severity", incident.Severity.Name());
        json.WriteString("summary", incident.Summary);
        WriteTime(json, "opened_at", incident.OpenedAtMs);
        WriteTime(json, "updated_at", incident.UpdatedAtMs);
        json.WriteStartArray("members");
        foreach (var member in incident.Members)
        {
            json.WriteStartObject();
            json.WriteString("alert_id", member.AlertId.Value);
            json.WriteString("gpu", member.Gpu.Value);
            json.WriteString("host", member.Host);
            json.WriteString("rule", member.Rule);
            json.WriteString("state", member.State.Name());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("members_total", incident.MembersTotal);
        json.WriteNumber("pages", incident.Pages);
        if (incident.SupersededBy is { } wider)
        {
            json.WriteString("superseded_by", wider);
        }

        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long unixMs)
    {
        Span<byte> text = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(unixMs, text);
        json.WriteString(name, text);
    }
}
