using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Benchmarks;

/// <summary>An exporter's page, parsed again and again as a collector does.</summary>
[MemoryDiagnoser]
public class ExpositionBenchmarks
{
    private const int Gpus = 8;
    private readonly ExpositionParser _parser = new(new GpuRegistry());
    private byte[] _page = [];

    /// <summary>Writes the page.</summary>
    [GlobalSetup]
    public void Setup() => _page = Encoding.UTF8.GetBytes(Page(BenchmarkSamples.Full(new GpuRegistry())));

    /// <summary>A page of eight GPUs with all metrics; the figure is per GPU.</summary>
    [Benchmark(OperationsPerInvoke = Gpus)]
    public int ParsePage()
    {
        _parser.Parse(_page, BenchmarkSamples.NoonMs);
        return _parser.Count;
    }

    private static string Page(GpuSample sample)
    {
        var page = new StringBuilder();
        foreach (var metric in MetricCatalog.All)
        {
            for (var gpu = 0; gpu < Gpus; gpu++)
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"{metric.ExporterNames[0]}{{gpu=\"{gpu}\",UUID=\"GPU-{gpu:x8}-6156-355b-e589-ff2064894f16\","
                        + $"pci_bus_id=\"00000000:{gpu:x2}:00.0\",device=\"nvidia{gpu}\",modelName=\"NVIDIA H100 80GB HBM3\","
                        + $"Hostname=\"node-0017\",DCGM_FI_DRIVER_VERSION=\"550.127.08\"}} {sample[metric.Metric]}\n"
                );
            }
        }

        return page.ToString();
    }
}
