using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>
/// The wire form of <see cref="IngestSamples"/>. The names of the metrics are written once per message, so that nodes with different metric
/// catalogues understand each other; a metric that the reader does not know is skipped.
/// </summary>
internal static class IngestSamplesCodec
{
    public static void Write(BinaryWriter writer, IngestSamples ingest)
    {
        var present = new bool[MetricCatalog.Count];
        var count = 0;
        for (var sample = ingest.First; sample is not null; sample = sample.NextOfGpu)
        {
            count++;
            for (var i = 0; i < present.Length; i++)
            {
                present[i] |= !double.IsNaN(sample.Values[i]);
            }
        }

        writer.Write(ingest.Gpu.Value);
        writer.Write7BitEncodedInt64(ingest.BatchNo);
        GpuInfoCodec.Write(writer, ingest.First.Info);
        writer.Write7BitEncodedInt(present.Count(p => p));
        foreach (var metric in MetricCatalog.All.Where(m => present[(int)m.Metric]))
        {
            writer.Write(metric.Name);
        }

        writer.Write7BitEncodedInt(count);
        for (var sample = ingest.First; sample is not null; sample = sample.NextOfGpu)
        {
            Write(writer, sample, present);
        }
    }

    public static IngestSamples Read(BinaryReader reader)
    {
        var registry = new GpuRegistry();
        var gpu = registry.Intern(GpuId.Parse(reader.ReadString()));
        var batchNo = reader.Read7BitEncodedInt64();
        var info = GpuInfoCodec.Read(reader);
        var slots = new int[reader.Read7BitEncodedInt()];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = MetricCatalog.ByName.TryGetValue(reader.ReadString(), out var metric) ? (int)metric.Metric : -1;
        }

        GpuSample? first = null,
            last = null;
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var sample = new GpuSample { Gpu = gpu, Info = info };
            Read(reader, sample, slots);
            first ??= sample;
            if (last is not null)
            {
                last.NextOfGpu = sample;
            }

            last = sample;
        }

        return new IngestSamples(first ?? throw new FormatException("the message holds no sample"), batchNo, null);
    }

    private static void Write(BinaryWriter writer, GpuSample sample, bool[] present)
    {
        writer.Write7BitEncodedInt64(sample.TimeMs);
        writer.Write7BitEncodedInt64(sample.AppendTimeMs);
        writer.Write7BitEncodedInt(sample.Partition);
        writer.Write7BitEncodedInt64(sample.Offset);
        writer.Write7BitEncodedInt(sample.XidCounts.Length);
        foreach (var (code, occurrences) in sample.XidCounts)
        {
            writer.Write7BitEncodedInt(code);
            writer.Write7BitEncodedInt(occurrences);
        }

        for (var i = 0; i < present.Length; i++)
        {
            if (present[i])
            {
                writer.Write(sample.Values[i]);
            }
        }
    }

    private static void Read(BinaryReader reader, GpuSample sample, int[] slots)
    {
        sample.TimeMs = reader.Read7BitEncodedInt64();
        sample.AppendTimeMs = reader.Read7BitEncodedInt64();
        sample.Partition = reader.Read7BitEncodedInt();
        sample.Offset = reader.Read7BitEncodedInt64();
        for (var codes = reader.Read7BitEncodedInt(); codes > 0; codes--)
        {
            _ = sample.AddXidCount(new XidCount(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt()));
        }

        foreach (var slot in slots)
        {
            var value = reader.ReadDouble();
            if (slot >= 0)
            {
                sample.Values[slot] = value;
            }
        }
    }
}
