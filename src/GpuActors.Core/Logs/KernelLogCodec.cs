using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Logs;

/// <summary>
/// Writes and reads the records of <c>gpu-logs</c>: one JSON object per log line, with the time in RFC 3339 UTC with milliseconds.
/// </summary>
public static class KernelLogCodec
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Encodes a line as the value of a record.</summary>
    public static byte[] Encode(KernelLogEvent line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, Options);
        Span<byte> time = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(line.TimeMs, time);
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("gpu", line.Gpu.Value);
        json.WriteString("ts", time);
        json.WriteString("kind", Name(line.Kind));
        json.WriteNumber("code", line.Code);
        json.WriteString("host", line.Host);
        json.WriteString("pci", line.PciBusId);
        json.WriteString("message", line.Message);
        if (line.Index >= 0)
        {
            json.WriteNumber("index", line.Index);
        }

        WriteUnlessEmpty(json, "model", line.Model);
        WriteUnlessEmpty(json, "driver", line.Driver);
        if (line.Count > 1)
        {
            json.WriteNumber("count", line.Count);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads a record written by <see cref="Encode"/>, or by another producer that follows the same contract. Unknown members are ignored.
    /// Never throws.
    /// </summary>
    /// <param name="value">The record's value.</param>
    /// <param name="line">The line; null if the record is rejected.</param>
    /// <param name="detail">A sentence that names the faulty member, value or position; empty if the record is valid.</param>
    /// <returns><see cref="RejectReason.None"/>, or the reason why the record is rejected.</returns>
    public static RejectReason Read(ReadOnlySpan<byte> value, out KernelLogEvent? line, out string detail)
    {
        line = null;
        detail = "";
        if (value.IsEmpty)
        {
            detail = "The log record has no value";
            return RejectReason.EmptyValue;
        }

        try
        {
            var members = new KernelLogMembers();
            var json = new Utf8JsonReader(value);
            return members.Read(ref json, out detail) is var reason && reason == RejectReason.None
                ? members.Line(out line, out detail)
                : reason;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The JSON is malformed or truncated, or a string is not valid UTF-8.
            detail = e.Message;
            return RejectReason.MalformedJson;
        }
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>Gets the name of a kind on the wire.</summary>
    public static string Name(KernelLogKind kind) =>
        kind switch
        {
            KernelLogKind.Xid => "xid",
            KernelLogKind.FallenOffBus => "fallen_off_bus",
            KernelLogKind.SXid => "sxid",
            KernelLogKind.ExporterUp => "exporter_up",
            _ => "exporter_down",
        };
}
