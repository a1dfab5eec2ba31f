using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Writes samples as records of <c>gpu-metrics-raw</c>: members in one fixed order, metrics in the catalogue's, no white space, missing
/// metrics left out. Readers may count on no order; the fast ones profit from this one.
/// </summary>
public static class SampleEncoder
{
    private static readonly byte[][] Members = MetricCatalog.All.Select(m => System.Text.Encoding.ASCII.GetBytes($"\"{m.Name}\":")).ToArray();

    /// <summary>Appends one JSON object.</summary>
    public static void Write(IBufferWriter<byte> into, GpuSample sample)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentNullException.ThrowIfNull(sample);
        Span<byte> time = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(sample.TimeMs, time);
        into.Write("{\"v\":1,\"gpu\":\""u8);
        into.Write(JsonEncodedText.Encode(sample.Gpu.Utf8.Span, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        into.Write("\",\"ts\":\""u8);
        into.Write(time);
        into.Write("\""u8);
        WriteText(into, ",\"host\":"u8, sample.Info.Host);
        if (sample.Info.Index >= 0)
        {
            into.Write(",\"index\":"u8);
            WriteNumber(into, sample.Info.Index);
        }

        WriteText(into, ",\"pci\":"u8, sample.Info.PciBusId);
        WriteText(into, ",\"model\":"u8, sample.Info.Model);
        WriteText(into, ",\"driver\":"u8, sample.Info.Driver);
        into.Write(",\"m\":{"u8);
        var first = true;
        for (var slot = 0; slot < Members.Length; slot++)
        {
            if (sample.Values[slot] is var value && double.IsFinite(value))
            {
                into.Write(first ? ""u8 : ","u8);
                into.Write(Members[slot]);
                WriteNumber(into, value);
                first = false;
            }
        }

        into.Write("}}"u8);
    }

    private static void WriteText(IBufferWriter<byte> into, ReadOnlySpan<byte> member, string text)
    {
        if (text.Length > 0)
        {
            into.Write(member);
            into.Write("\""u8);
            into.Write(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
            into.Write("\""u8);
        }
    }

    // Whole numbers without fraction or exponent, others in the shortest form that reads back as the same double.
    private static void WriteNumber(IBufferWriter<byte> into, double value)
    {
        var span = into.GetSpan(32);
        var whole = Math.Abs(value) < 9e15 && value == Math.Truncate(value) && !(value == 0 && double.IsNegative(value));
        var written = 0;
        _ = whole ? Utf8Formatter.TryFormat((long)value, span, out written) : value.TryFormat(span, out written, default, System.Globalization.CultureInfo.InvariantCulture);
        into.Advance(written);
    }
}
