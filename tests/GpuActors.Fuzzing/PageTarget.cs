using System.Globalization;
using System.Text;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Fuzzing;

/// <summary>Exporter pages. Every value of a GPU must come from a row with the GPU's UUID and a family of the metric.</summary>
internal sealed class PageTarget : FuzzTarget
{
    private ExpositionParser _parser = null!;
    private SampleValidator _validator = null!;

    public override string Name => "exporter page";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Page(2, 12), Page(1, MetricCatalog.Count), Page(8, 3), Odd()];

    public override void Renew()
    {
        _parser = new ExpositionParser(new GpuRegistry());
        _validator = new SampleValidator(new ValidationSettings());
    }

    public override string Run(byte[] input, Random random)
    {
        _parser.Parse(input, Given.NoonMs);
        Require(_parser.Errors == 0 == (_parser.FirstError.Length == 0), "errors without words, or words without errors");
        if (_parser.Count == 0)
        {
            return "no sample";
        }

        var lines = Lines(input);
        foreach (var sample in _parser.Samples)
        {
            BelongsToIts(lines, sample);
            _ = SampleInvariants.Check(sample, _validator, random, Require);
        }

        return _parser.Errors > 0 ? "read, with errors" : "read";
    }

    private static List<ReadOnlyMemory<byte>> Lines(byte[] input)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        for (var rest = (ReadOnlyMemory<byte>)input; !rest.IsEmpty; )
        {
            var end = rest.Span.IndexOf((byte)'\n');
            lines.Add(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return lines;
    }

    private static void BelongsToIts(List<ReadOnlyMemory<byte>> lines, GpuSample sample)
    {
        byte[] quoted = [(byte)'"', .. sample.Gpu.Utf8.Span, (byte)'"'];
        var families = lines.Where(line => line.Span.IndexOf(quoted) >= 0).Select(Family).ToHashSet(StringComparer.Ordinal);
        Require(families.Count > 0, $"the sample belongs to {sample.Gpu}, which no row names");
        foreach (var metric in MetricCatalog.All)
        {
            // The values of links may come from a common family with a link label, and throttle reasons from counts of their bits.
            if (sample.Has(metric.Metric) && metric is { NvlinkIndex: < 0, SumsLinks: false } && metric.Metric != Metric.ThrottleReasons)
            {
                Require(
                    metric.ExporterNames.Any(n => families.Contains(n) || families.Contains(n + "_total")),
                    $"{sample.Gpu} has a value of {metric.Name} without a row"
                );
            }
        }
    }

    private static string Family(ReadOnlyMemory<byte> line)
    {
        var text = line.Span.TrimStart(" \t"u8);
        var length = 0;
        for (; length < text.Length && (char.IsAsciiLetterOrDigit((char)text[length]) || text[length] is (byte)'_' or (byte)':'); length++)
        { }

        return Encoding.ASCII.GetString(text[..length]);
    }

    private static byte[] Page(int gpus, int metrics)
    {
        var page = new StringBuilder();
        foreach (var metric in MetricCatalog.All.Take(metrics))
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"# HELP {metric.ExporterNames[0]} {metric.Help}\n# TYPE {metric.ExporterNames[0]} gauge\n"
            );
            for (var gpu = 0; gpu < gpus; gpu++)
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"{metric.ExporterNames[0]}{{gpu=\"{gpu}\",UUID=\"GPU-{gpu:x8}-6156-355b-e589-ff2064894f16\","
                        + $"pci_bus_id=\"00000000:{gpu:x2}:00.0\",device=\"nvidia{gpu}\",modelName=\"NVIDIA H100 80GB HBM3\","
                        + $"Hostname=\"n1\"}} {(metric.IsInteger ? "1" : "0.437000")}\n"
                );
            }
        }

        return Encoding.UTF8.GetBytes(page.ToString());
    }

    // Rows that are not simply a value of one GPU.
    private static byte[] Odd() =>
        """
        DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-1",GPU_I_PROFILE="1g.6gb",GPU_I_ID="3",Hostname="n1",pod="p",namespace="ns",container="c"} 61
        DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-1",GPU_I_PROFILE="1g.6gb",GPU_I_ID="4",Hostname="n1"} 61
        DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-1",Hostname="n1",err_code="45",err_msg="Preemptive cleanup, \"previous\" {-- see}"} 45
        DCGM_EXP_XID_ERRORS_COUNT{gpu="0",UUID="GPU-1",Hostname="n1",window_size_in_ms="300000",xid="79"} 2
        DCGM_EXP_CLOCK_EVENTS_COUNT{gpu="0",UUID="GPU-1",Hostname="n1",clock_event="hw_power_brake",window_size_in_ms="300000"} 10
        DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL{gpu="0",gpu_uuid="GPU-1",nvlink="3",model_name="NVIDIA H100"} 7
        DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL{gpu="0",UUID="GPU-1",nvlink="3"} 7000 1795435200000
        DCGM_FI_DEV_NVSWITCH_TEMP{nvswitch="0",Hostname="n1"} 40
        DCGM_FI_DEV_POWER_USAGE{gpu="1",uuid="GPU-2",hostname="n1"} 52.636000
        DCGM_FI_DEV_MEMORY_TEMP{gpu="1",uuid="GPU-2",hostname="n1"} NaN
        DCGM_FI_DEV_SM_CLOCK{ gpu = "1" , uuid = "GPU-2" , } +Inf
        # EOF

        """u8.ToArray();
}
