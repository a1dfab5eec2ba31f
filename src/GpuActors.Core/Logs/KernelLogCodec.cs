using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Logs;

/// <summary>The record of <c>gpu-logs</c>: one JSON object per line, time in RFC 3339 UTC with milliseconds.</summary>
public static class KernelLogCodec
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The record of a line.</summary>
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
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads a record that <see cref="Encode"/> wrote, or another producer in the same contract. Members that it does not know are passed
    /// over; never throws.
    /// </summary>
    /// <param name="value">The record's value.</param>
    /// <param name="line">The line; null when it is none.</param>
    /// <param name="detail">The member, value or position at fault, in words; empty when nothing is.</param>
    /// <returns><see cref="RejectReason.None"/>, or why the record is no such line.</returns>
    public static RejectReason Read(ReadOnlySpan<byte> value, out KernelLogEvent? line, out string detail)
    {
        line = null;
        detail = "";
        if (value.IsEmpty)
        {
            detail = "A log record without a value";
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
            // Malformed, cut, or text that is no text.
            detail = e.Message;
            return RejectReason.MalformedJson;
        }
    }

    /// <summary>A kind's name on the wire.</summary>
    public static string Name(KernelLogKind kind) =>
        kind switch
        {
            KernelLogKind.Xid => "xid",
            KernelLogKind.FallenOffBus => "fallen_off_bus",
            KernelLogKind.SXid => "sxid",
            _ => "exporter_down",
        };
}
