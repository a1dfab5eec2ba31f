using System.Buffers;
using System.Globalization;
using System.Text;
using GpuActors.Core.Metrics;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Http;

/// <summary>
/// Renders exporter pages in the format of dcgm-exporter: families with HELP and TYPE, one row per GPU, no timestamps, 64-bit integers as
/// <c>%d</c> and doubles with six decimals.
/// </summary>
public static class ExporterPage
{
    private static readonly byte[][] Headers = MetricCatalog
        .All.Select(m =>
            Encoding.UTF8.GetBytes(
                $"# HELP {m.ExporterNames[0]} {m.Help}.\n"
                    + $"# TYPE {m.ExporterNames[0]} {(m.Kind == MetricKind.Counter ? "counter" : "gauge")}\n"
            )
        )
        .ToArray();

    private static readonly byte[][] Names = MetricCatalog.All.Select(m => Encoding.UTF8.GetBytes(m.ExporterNames[0])).ToArray();

    /// <summary>Appends the page for the given GPUs.</summary>
    public static void Write(IBufferWriter<byte> into, IReadOnlyList<SimulatedGpu> gpus)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentNullException.ThrowIfNull(gpus);
        var labels = gpus.Select(g =>
                Encoding.UTF8.GetBytes(
                    $"{{gpu=\"{g.IndexOnHost}\",UUID=\"{g.Uuid}\",pci_bus_id=\"{g.PciBusId}\",device=\"nvidia{g.IndexOnHost}\","
                        + $"modelName=\"{g.Product.Model}\",hostname=\"{g.Host.Name}\","
                        + $"DCGM_FI_DRIVER_VERSION=\"{g.Driver}\"}} "
                )
            )
            .ToArray();
        foreach (var metric in MetricCatalog.All)
        {
            var slot = (int)metric.Metric;
            var hasHeader = false;
            for (var i = 0; i < gpus.Count; i++)
            {
                var value = gpus[i].Values[slot];
                if (double.IsNaN(value))
                {
                    continue;
                }

                if (!hasHeader)
                {
                    into.Write(Headers[slot]);
                    hasHeader = true;
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
        // DCGM represents power and the profiling ratios as doubles, all other values as 64-bit integers.
        var format = metric.Unit is "watts" or "ratio" ? "F6" : "F0";
        _ = value.TryFormat(span, out var written, format, CultureInfo.InvariantCulture);
        span[written] = (byte)'\n';
        into.Advance(written + 1);
    }
}
