using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>
/// Writes samples in the format of <c>sample.proto</c>. Fields are written in the order of their numbers; missing fields are omitted. Does
/// not allocate.
/// </summary>
public static class ProtobufSampleWriter
{
    // A tag of one byte and a length or number of up to ten bytes.
    private const int MaxFieldBytes = 11;

    private static readonly byte[][] FieldIds = MetricCatalog.All.Select(m => Varint((ulong)m.DcgmFieldId)).ToArray();
    private static readonly int MaxMetricsBytes = FieldIds.Sum(id => id.Length + sizeof(double)) + (2 * MaxFieldBytes);

    /// <summary>Appends one message to <paramref name="into"/>.</summary>
    public static void Write(IBufferWriter<byte> into, GpuSample sample)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentNullException.ThrowIfNull(sample);
        var span = into.GetSpan(MaxBytes(sample));
        var at = 0;
        Number(span, ref at, SampleWire.Version, 1);
        span[at++] = SampleWire.Tag(SampleWire.Gpu, SampleWire.Bytes);
        WriteVarint(span, ref at, (ulong)sample.Gpu.Utf8.Length);
        sample.Gpu.Utf8.Span.CopyTo(span[at..]);
        at += sample.Gpu.Utf8.Length;
        Number(span, ref at, SampleWire.Time, (ulong)sample.TimeMs);
        Info(span, ref at, sample.Info);
        Metrics(span, ref at, sample.Values);
        foreach (var count in sample.XidCounts)
        {
            span[at++] = SampleWire.Tag(SampleWire.XidCounts, SampleWire.Bytes);
            var length = at++;
            Number(span, ref at, SampleWire.XidCode, (ulong)count.Code);
            Number(span, ref at, SampleWire.XidOccurrences, (ulong)count.Count);
            span[length] = (byte)(at - length - 1);
        }

        into.Advance(at);
    }

    private static void Info(Span<byte> span, ref int at, GpuInfo info)
    {
        Text(span, ref at, SampleWire.Host, info.Host);
        if (info.Index >= 0)
        {
            Number(span, ref at, SampleWire.Index, (ulong)info.Index);
        }

        Text(span, ref at, SampleWire.Pci, info.PciBusId);
        Text(span, ref at, SampleWire.Model, info.Model);
        Text(span, ref at, SampleWire.Driver, info.Driver);
        if (info.Workload is not { } workload)
        {
            return;
        }

        span[at++] = SampleWire.Tag(SampleWire.Workload, SampleWire.Bytes);
        WriteVarint(span, ref at, (ulong)(Length(workload.Namespace) + Length(workload.Pod) + Length(workload.Container)));
        Text(span, ref at, SampleWire.Namespace, workload.Namespace);
        Text(span, ref at, SampleWire.Pod, workload.Pod);
        Text(span, ref at, SampleWire.Container, workload.Container);
    }

    private static void Metrics(Span<byte> span, ref int at, ReadOnlySpan<double> values)
    {
        int count = 0,
            idBytes = 0;
        for (var slot = 0; slot < values.Length; slot++)
        {
            if (double.IsFinite(values[slot]))
            {
                count++;
                idBytes += FieldIds[slot].Length;
            }
        }

        if (count == 0)
        {
            return;
        }

        span[at++] = SampleWire.Tag(SampleWire.FieldIds, SampleWire.Bytes);
        WriteVarint(span, ref at, (ulong)idBytes);
        var ids = span.Slice(at, idBytes);
        at += idBytes;
        span[at++] = SampleWire.Tag(SampleWire.Values, SampleWire.Bytes);
        WriteVarint(span, ref at, (ulong)(count * sizeof(double)));
        for (var slot = 0; slot < values.Length; slot++)
        {
            if (double.IsFinite(values[slot]))
            {
                FieldIds[slot].CopyTo(ids);
                ids = ids[FieldIds[slot].Length..];
                BinaryPrimitives.WriteDoubleLittleEndian(span[at..], values[slot]);
                at += sizeof(double);
            }
        }
    }

    private static void Number(Span<byte> span, ref int at, int field, ulong value)
    {
        span[at++] = SampleWire.Tag(field, SampleWire.Varint);
        WriteVarint(span, ref at, value);
    }

    private static void Text(Span<byte> span, ref int at, int field, string text)
    {
        if (text.Length > 0)
        {
            span[at++] = SampleWire.Tag(field, SampleWire.Bytes);
            WriteVarint(span, ref at, (ulong)Encoding.UTF8.GetByteCount(text));
            at += Encoding.UTF8.GetBytes(text, span[at..]);
        }
    }

    // The number of bytes that Text writes.
    private static int Length(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes == 0 ? 0 : 1 + VarintLength((ulong)bytes) + bytes;
    }

    private static int MaxBytes(GpuSample sample)
    {
        var info = sample.Info;
        var max =
            (3 * MaxFieldBytes)
            + sample.Gpu.Utf8.Length
            + (6 * MaxFieldBytes)
            + MaxMetricsBytes
            + (sample.XidCounts.Length * 3 * MaxFieldBytes)
            + Length(info.Host)
            + Length(info.PciBusId)
            + Length(info.Model)
            + Length(info.Driver);
        return info.Workload is { } workload ? max + Length(workload.Namespace) + Length(workload.Pod) + Length(workload.Container) : max;
    }

    private static int VarintLength(ulong value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }

    private static void WriteVarint(Span<byte> span, ref int at, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            span[at++] = (byte)(value | 0x80);
        }

        span[at++] = (byte)value;
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new byte[VarintLength(value)];
        var at = 0;
        WriteVarint(bytes, ref at, value);
        return bytes;
    }
}
