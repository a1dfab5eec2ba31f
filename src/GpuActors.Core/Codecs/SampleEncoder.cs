using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Writes samples as JSON records of <c>gpu-metrics-raw</c>: members in a fixed order, metrics in the order of the catalogue, no white
/// space, missing metrics omitted. Readers must accept any order; this order enables the fast path of <see cref="SampleDecoder"/>.
/// </summary>
public static class SampleEncoder
{
    private static readonly byte[][] Members = MetricCatalog
        .All.Select(m => System.Text.Encoding.ASCII.GetBytes($"\"{m.Name}\":"))
        .ToArray();

    /// <summary>Appends one JSON object.</summary>
    /// <param name="into">Buffer to append to.</param>
    /// <param name="sample">The sample.</param>
    public static void Write(IBufferWriter<byte> into, GpuSample sample) => Write(into, sample, []);

    /// <summary>Appends one JSON object.</summary>
    /// <param name="into">Buffer to append to.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="instances">MIG instances of any GPUs. Those of the sample's GPU are written as member <c>mig</c>, which the readers of
    /// GpuActors ignore.</param>
    public static void Write(IBufferWriter<byte> into, GpuSample sample, ReadOnlySpan<MigInstance> instances)
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
        if (sample.Info.Workload is { } workload)
        {
            WriteText(into, ",\"ns\":"u8, workload.Namespace);
            WriteText(into, ",\"pod\":"u8, workload.Pod);
            WriteText(into, ",\"container\":"u8, workload.Container);
        }

        into.Write(",\"m\":{"u8);
        WriteMetrics(into, sample.Values);
        into.Write("}"u8);
        WriteXids(into, sample.XidCounts);
        WriteInstances(into, sample.Gpu, instances);
        into.Write("}"u8);
    }

    private static void WriteMetrics(IBufferWriter<byte> into, ReadOnlySpan<double> values)
    {
        var first = true;
        for (var slot = 0; slot < Members.Length; slot++)
        {
            if (values[slot] is var value && double.IsFinite(value))
            {
                into.Write(first ? ""u8 : ","u8);
                into.Write(Members[slot]);
                WriteNumber(into, value);
                first = false;
            }
        }
    }

    // Written after the metrics, and only if there are counts, so that the record of a healthy GPU keeps the layout of the fast path.
    private static void WriteXids(IBufferWriter<byte> into, ReadOnlySpan<XidCount> counts)
    {
        if (counts.IsEmpty)
        {
            return;
        }

        into.Write(",\"xids\":{"u8);
        for (var i = 0; i < counts.Length; i++)
        {
            into.Write(i == 0 ? "\""u8 : ",\""u8);
            WriteNumber(into, counts[i].Code);
            into.Write("\":"u8);
            WriteNumber(into, counts[i].Count);
        }

        into.Write("}"u8);
    }

    private static void WriteInstances(IBufferWriter<byte> into, GpuIdentity gpu, ReadOnlySpan<MigInstance> instances)
    {
        var first = true;
        foreach (var instance in instances)
        {
            if (!ReferenceEquals(instance.Gpu, gpu))
            {
                continue;
            }

            into.Write(first ? ",\"mig\":[{\"id\":"u8 : ",{\"id\":"u8);
            first = false;
            WriteNumber(into, instance.Id);
            WriteText(into, ",\"profile\":"u8, instance.Profile);
            into.Write(",\"m\":{"u8);
            WriteMetrics(into, instance.Values);
            into.Write("}}"u8);
        }

        into.Write(first ? ""u8 : "]"u8);
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

    // Whole numbers are written without fraction or exponent, others in the shortest form that parses to the same double.
    private static void WriteNumber(IBufferWriter<byte> into, double value)
    {
        var span = into.GetSpan(32);
        var whole = Math.Abs(value) < 9e15 && value == Math.Truncate(value) && !(value == 0 && double.IsNegative(value));
        var written = 0;
        _ = whole
            ? Utf8Formatter.TryFormat((long)value, span, out written)
            : value.TryFormat(span, out written, default, System.Globalization.CultureInfo.InvariantCulture);
        into.Advance(written);
    }
}
