using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using Wire = Gpuactors.V1;

namespace GpuActors.Core.Tests.Codecs.Protobuf;

/// <summary>Samples with all fields of <c>sample.proto</c>, and their conversion to and from Google's generated classes.</summary>
internal static class ProtobufSamples
{
    private static readonly Gen<string> Text = Gen.Elements(
        "",
        "a",
        "node-0017",
        "NVIDIA H100 80GB HBM3",
        "häß\u2603\U0001F4A5\0",
        new string('x', 300)
    );

    public static Arbitrary<GpuInfo> Infos { get; } =
        Arb.From(
            from host in Text
            from index in Gen.Choose(-1, 16)
            from model in Text
            from driver in Text
            from shared in Gen.Elements(true, false)
            from pod in Text
            from container in Text
            select new GpuInfo(host, index, "00000000:5d:00.0", model, driver)
            {
                Workload = shared ? new Workload("ml", pod, container) : null,
            }
        );

    public static Arbitrary<XidCount[]> Counts { get; } =
        Arb.From(
            Gen.Choose(1, 200)
                .SelectMany(code => Gen.Choose(1, 1000).Select(count => new XidCount(code, count)))
                .ArrayOf()
                .Select(counts => counts.DistinctBy(c => c.Code).Take(32).ToArray())
        );

    public static GpuSample Sample(GpuRegistry registry, double[] values, GpuInfo info, XidCount[] xids)
    {
        var sample = Given.Sample(registry);
        values.CopyTo(sample.Values);
        sample.Info = info;
        foreach (var xid in xids)
        {
            sample.AddXidCount(xid);
        }

        return sample;
    }

    public static byte[] Encode(GpuSample sample)
    {
        var buffer = new ArrayBufferWriter<byte>();
        ProtobufSampleWriter.Write(buffer, sample);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Converts a sample to Google's generated message class.</summary>
    public static Wire.Sample Message(GpuSample sample)
    {
        var message = new Wire.Sample
        {
            Version = 1,
            Gpu = sample.Gpu.Id.Value,
            TimeUnixMs = sample.TimeMs,
            Host = sample.Info.Host,
            PciBusId = sample.Info.PciBusId,
            Model = sample.Info.Model,
            Driver = sample.Info.Driver,
        };
        if (sample.Info.Index >= 0)
        {
            message.Index = sample.Info.Index;
        }

        if (sample.Info.Workload is { } workload)
        {
            message.Workload = new Wire.Workload
            {
                Namespace = workload.Namespace,
                Pod = workload.Pod,
                Container = workload.Container,
            };
        }

        foreach (var metric in MetricCatalog.All.Where(m => sample.Has(m.Metric)))
        {
            message.FieldIds.Add((uint)metric.DcgmFieldId);
            message.Values.Add(sample[metric.Metric]);
        }

        foreach (var xid in sample.XidCounts)
        {
            message.XidCounts.Add(new Wire.XidCount { Code = (uint)xid.Code, Count = (uint)xid.Count });
        }

        return message;
    }

    public static void AssertSame(GpuSample expected, GpuSample actual)
    {
        Assert.Same(expected.Gpu, actual.Gpu);
        Assert.Equal(expected.Info, actual.Info);
        Assert.Equal(expected.TimeMs, actual.TimeMs);
        Assert.Equal(expected.XidCounts, actual.XidCounts);
        Assert.Equal(
            expected.Values.ToArray().Select(BitConverter.DoubleToInt64Bits),
            actual.Values.ToArray().Select(BitConverter.DoubleToInt64Bits)
        );
    }
}
