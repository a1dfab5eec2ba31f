using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Benchmarks;

/// <summary>Samples that benchmarks measure with.</summary>
internal static class BenchmarkSamples
{
    /// <summary>2026-11-23T12:00:00Z in Unix milliseconds.</summary>
    public const long NoonMs = 1_795_435_200_000;

    /// <summary>A sample of one GPU that has every metric of the catalogue.</summary>
    public static GpuSample Full(GpuRegistry registry)
    {
        var sample = new GpuSample
        {
            Gpu = registry.Intern(GpuId.Parse("GPU-265c9814-6156-355b-e589-ff2064894f16")),
            Info = new GpuInfo("node-0017", 3, "00000000:5d:00.0", "NVIDIA H100 80GB HBM3", "550.127.08"),
            TimeMs = NoonMs,
        };
        foreach (var metric in MetricCatalog.All)
        {
            sample[metric.Metric] =
                metric.Column == ColumnType.Real ? Math.Round(metric.Max * 0.437, 3) : Math.Floor(Math.Min(metric.Max, 1e11) * 0.437);
        }

        sample[Metric.ThrottleReasons] = 0;
        return sample;
    }

    /// <summary>One sample of each of a number of GPUs, as one batch of partition 0.</summary>
    public static SampleBatch Batch(GpuRegistry registry, int gpus)
    {
        var batch = new SampleBatch();
        batch.Reset(0);
        for (var gpu = 0; gpu < gpus; gpu++)
        {
            var sample = batch.Next();
            sample.Gpu = registry.Intern(GpuId.Parse($"GPU-{gpu:x8}-6156-355b-e589-ff2064894f16"));
            sample.TimeMs = sample.AppendTimeMs = NoonMs;
            sample.Offset = gpu;
            batch.Accept(gpu);
        }

        return batch;
    }
}
