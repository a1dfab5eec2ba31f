using System.Buffers;
using System.Globalization;
using System.Text;
using GpuActors.Core.Metrics;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Http;

/// <summary>
/// Renders a page as dcgm-exporter does: families with HELP and TYPE, one row per GPU, no timestamps, 64-bit integers as <c>%d</c> and
/// doubles with six decimals.
/// </summary>
public static class ExporterPage
{
    private static readonly byte[][] Heads = MetricCatalog
        .All.Select(m =>
            Encoding.UTF8.GetBytes(
                $"# HELP {m.ExporterNames[0]} {m.Help}.\n# TYPE {m.ExporterNames[0]} {(m.Kind == MetricKind.Counter ? "counter" : "gauge")}\n"
            )
        )
        .ToArray();

    private static readonly byte[][] Names = MetricCatalog.All.Select(m => Encoding.UTF8.GetBytes(m.ExporterNames[0])).ToArray();

    /// <summary>Appends the page of some GPUs.</summary>
    public static void Write(IBufferWriter<byte> into, IReadOnlyList<SimulatedGpu> gpus)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentNullException.ThrowIfNull(gpus);
        var labels = gpus.Select(g =>
                Encoding.UTF8.GetBytes(
                    $"{{gpu=\"{g.IndexOnHost}\",UUID=\"{g.Uuid}\",pci_bus_id=\"{g.PciBusId}\",device=\"nvidia{g.IndexOnHost}\",modelName=\"{SimulatedGpu.Model}\",hostname=\"{g.Host.Name}\",DCGM_FI_DRIVER_VERSION=\"{SimulatedGpu.Driver}\"}} "
                )
            )
            .ToArray();
        foreach (var metric in MetricCatalog.All)
        {
            var slot = (int)metric.Metric;
            var headed = false;
            for (var i = 0; i < gpus.Count; i++)
            {
                var value = gpus[i].Values[slot];
                if (double.IsNaN(value))
                {
                    continue;
                }

                if (!headed)
                {
                    into.Write(Heads[slot]);
                    headed = true;
                }

                into.Write(Names[slot]);
                into.Write(labels[i]);
                WriteValue(into, metric, value);
            }
        }
    }

    private static void WriteValue(IBufferWriter<byte> into, MetricDefinition metric, double value)
    {
        var span = into.GetSpan(48);
        // DCGM's doubles are power and the profiling ratios; everything else is a 64-bit integer.
        var format = metric.Unit is "watts" or "ratio" ? "F6" : "F0";
        _ = value.TryFormat(span, out var written, format, CultureInfo.InvariantCulture);
        span[written] = (byte)'\n';
        into.Advance(written + 1);
    }
}
