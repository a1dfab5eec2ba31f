using System.Buffers;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Fuzzing;

/// <summary>Creates valid samples of different sizes, from which inputs are derived.</summary>
internal static class FuzzSamples
{
    public static IReadOnlyList<string> Ids { get; } =
    ["GPU-265c9814-6156-355b-e589-ff2064894f16", "GPU-00000001-6156-355b-e589-ff2064894f16", "GPU-1", "MIG-7"];

    public static byte[] Encode(GpuSample sample, Action<IBufferWriter<byte>, GpuSample> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer, sample);
        return buffer.WrittenSpan.ToArray();
    }

    public static IEnumerable<GpuSample> All()
    {
        var registry = new GpuRegistry();
        for (var i = 0; i < Ids.Count; i++)
        {
            var sample = new GpuSample
            {
                Gpu = registry.Intern(GpuId.Parse(Ids[i])),
                Info =
                    i == 3
                        ? GpuInfo.Unknown
                        : new GpuInfo("node-0017", i, "00000000:5d:00.0", "NVIDIA H100 80GB HBM3", "550.127.08")
                        {
                            Workload = i == 2 ? new("ml", "train-0", "main") : null,
                        },
                TimeMs = Given.NoonMs + (i * 1000),
            };
            foreach (var metric in MetricCatalog.All.Take(i == 0 ? MetricCatalog.Count : 8 * i))
            {
                sample[metric.Metric] =
                    metric.Column == ColumnType.Real ? Math.Round(metric.Max * 0.437, 3) : Math.Floor(Math.Min(metric.Max, 1e11) * 0.437);
            }

            if (i == 2)
            {
                sample.AddXidCount(new XidCount(79, 1));
                sample.AddXidCount(new XidCount(48, 300));
            }

            yield return sample;
        }
    }
}
