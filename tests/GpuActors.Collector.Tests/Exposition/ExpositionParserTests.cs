using System.Globalization;
using System.Text;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests.Exposition;

public sealed class ExpositionParserTests
{
    private readonly GpuRegistry _registry = new();
    private readonly ExpositionParser _parser;

    public ExpositionParserTests() => _parser = new ExpositionParser(_registry);

    [Fact]
    public void A_page_gives_one_sample_per_gpu_with_its_labels()
    {
        Parse(Page(8));

        Assert.Equal((8, 24, 0), (_parser.Count, _parser.Rows, _parser.Errors));
        for (var gpu = 0; gpu < 8; gpu++)
        {
            var sample = _parser.Samples[gpu];
            Assert.Equal(Uuid(gpu), sample.Gpu.Id.Value);
            Assert.Equal(new GpuInfo("node-0017", gpu, "00000000:1a:00.0", "NVIDIA H100 80GB HBM3", "550.127.08"), sample.Info);
            Assert.Equal(Given.NoonMs, sample.TimeMs);
            Assert.Equal(60 + gpu, sample[Metric.GpuTemp]);
            Assert.Equal(0x80, sample[Metric.ThrottleReasons]);
            Assert.Equal(0.25, sample[Metric.SmActive]);
            Assert.False(sample.Has(Metric.PowerUsage));
        }
    }

    [Fact]
    public void A_page_truncated_at_any_byte_yields_the_rows_before_the_end_and_at_most_one_error()
    {
        var page = Encoding.UTF8.GetBytes(Page(3));
        for (var cut = 0; cut <= page.Length; cut++)
        {
            _parser.Parse(page.AsSpan(0, cut), Given.NoonMs);
            var complete = Encoding
                .UTF8.GetString(page, 0, cut)
                .Split('\n')[..^1]
                .Count(l => l.StartsWith("DCGM", StringComparison.Ordinal));
            var rest = Encoding.UTF8.GetString(page, 0, cut).Split('\n')[^1];

            Assert.Equal(complete, _parser.Rows);
            Assert.Equal(rest.Length > 0 ? 1 : 0, _parser.Errors);
            foreach (var sample in _parser.Samples)
            {
                var gpu = sample.Info.Index;
                Assert.True(!sample.Has(Metric.GpuTemp) || sample[Metric.GpuTemp] == 60 + gpu);
                Assert.True(!sample.Has(Metric.SmActive) || sample[Metric.SmActive] == 0.25);
            }
        }
    }

    [Fact]
    public void Gpus_that_appear_disappear_or_change_their_order_keep_their_own_values()
    {
        foreach (var order in new[] { [0, 1, 2, 3], [3, 1, 0], [2], [1, 5, 0, 4], new[] { 0, 1, 2, 3 } })
        {
            Parse(Page(order));
            Assert.Equal(order, _parser.Samples.ToArray().Select(s => s.Info.Index));
            Assert.All(_parser.Samples.ToArray(), s => Assert.Equal(60 + s.Info.Index, s[Metric.GpuTemp]));
            Assert.Equal(0, _parser.Errors);
        }
    }

    [Theory]
    [InlineData("UUID=\"GPU-1\"")]
    [InlineData("uuid=\"GPU-1\"")]
    [InlineData("gpu_uuid=\"GPU-1\"")]
    [InlineData(" gpu = \"0\" , UUID = \"GPU-1\" , ")]
    [InlineData("gpu=\"0\",pod=\"a,b={}\\\"c\\\\\",UUID=\"GPU-1\"")]
    public void Labels_are_accepted_in_every_spelling(string labels)
    {
        Parse($"DCGM_FI_DEV_GPU_TEMP{{{labels}}} 61\n");
        Assert.Equal("", _parser.FirstError);
        Assert.Equal("GPU-1", Assert.Single(_parser.Samples.ToArray()).Gpu.Id.Value);
    }

    [Theory]
    [InlineData("61", 61)]
    [InlineData("61 1795435200000", 61)]
    [InlineData("6.1e1", 61)]
    [InlineData("  61  ", 61)]
    [InlineData("61\r", 61)]
    [InlineData("-5", -5)]
    [InlineData("NaN", double.NaN)]
    [InlineData("+Inf", double.NaN)]
    [InlineData("-Inf", double.NaN)]
    [InlineData("inf", double.NaN)]
    [InlineData("nan", double.NaN)]
    [InlineData("1e999", double.NaN)]
    [InlineData("+6.1E+1", 61)]
    [InlineData("61.", 61)]
    [InlineData("6.1e1 1795435200.123 # {trace_id=\"a # b\"} 0.5 1795435200.1", 61)]
    [InlineData("61 # {} 0.5", 61)]
    public void Values_are_accepted_in_every_form(string text, double value)
    {
        Parse($"DCGM_FI_DEV_GPU_TEMP{{UUID=\"GPU-1\"}} {text}\n");
        Assert.Equal(0, _parser.Errors);
        Assert.Equal(value, Assert.Single(_parser.Samples.ToArray())[Metric.GpuTemp]);
    }

    [Theory]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} warm\n", "line 1: expected a number")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 61 soon\n", "line 1: expected a number")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 61 1 2\n", "line 1: expected a number")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 61,5\n", "line 1: expected a number")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 0x3d\n", "line 1: expected a number")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 61 # exemplar\n", "line 1: expected a number")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 61 # {a=\"b\"}\n", "line 1: expected a number")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\",gpu_uuid=\"GPU-2\"} 61\n", "line 1: the row has two UUIDs")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"<<<NULL>>>\"} 61\n", "line 1: the row has no UUID")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{9a=\"\",UUID=\"GPU-1\"} 61\n", "label name")]
    [InlineData("# x\nDCGM_FI_DEV_GPU_TEMP{gpu=\"0\"} 61\n", "line 2: the row has no UUID")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP 61\n", "line 1: the row has no UUID")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU 1\"} 61\n", "'GPU 1' is not a GPU id")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=GPU-1} 61\n", "quotation mark")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1} 61\n", "no closing quotation mark")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\" gpu=\"0\"} 61\n", "comma")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID} 61\n", "label name")]
    [InlineData("{UUID=\"GPU-1\"} 61\n", "metric name")]
    [InlineData("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 61", "middle of a line")]
    public void Malformed_lines_are_counted_and_the_first_error_is_described(string page, string error)
    {
        Parse(page);
        Assert.Equal((1, 0), (_parser.Errors, _parser.Count));
        Assert.Contains(error, _parser.FirstError, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_other_devices_and_repeated_rows_are_skipped_and_not_added()
    {
        Parse(
            """
            DCGM_FI_DEV_GPU_TEMP{nvswitch="nvswitch0",gpu="1"} 40
            DCGM_FI_DEV_GPU_TEMP{cpu="0"} 50
            DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-1",pod="a"} 61
            DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-1",pod="b"} 61
            DCGM_FI_PROF_SM_ACTIVE{gpu="0",UUID="GPU-1",GPU_I_ID="3"} 0.900000
            DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-1",GPU_I_ID="3"} 512
            DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-1",GPU_I_ID="5"} 1024

            """
        );

        var sample = Assert.Single(_parser.Samples.ToArray());
        Assert.Equal(61, sample[Metric.GpuTemp]);
        Assert.False(sample.Has(Metric.SmActive));
        Assert.False(sample.Has(Metric.FbUsed));
        Assert.Equal((0, 3), (_parser.Errors, _parser.SkippedRows));
    }

    [Fact]
    public void Families_have_old_and_new_names_and_unknown_families_are_counted_once()
    {
        Parse(
            """
            # HELP DCGM_FI_DEV_GPU_TEMP_CELSIUS GPU temperature (in C).
            DCGM_FI_DEV_GPU_TEMP_CELSIUS{UUID="GPU-1"} 61
            DCGM_FI_DEV_CLOCKS_EVENT_REASONS{UUID="GPU-1"} 4
            go_goroutines 12
            process_cpu_seconds_total 1.5
            # EOF
            nothing behind the end counts
            """
        );

        var sample = Assert.Single(_parser.Samples.ToArray());
        Assert.Equal((61d, 4d), (sample[Metric.GpuTemp], sample[Metric.ThrottleReasons]));
        Assert.Equal((2, 0), (_parser.UnknownFamilies, _parser.Errors));
    }

    [Fact]
    public void An_xid_row_with_a_changed_message_does_not_change_the_expected_order()
    {
        for (var scrape = 0; scrape < 3; scrape++)
        {
            Parse(
                $$"""
                DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-0",err_code="{{scrape}}",err_msg="m{{scrape}}"} {{scrape}}
                DCGM_FI_DEV_XID_ERRORS{gpu="1",UUID="GPU-1",err_code="0",err_msg="No Error"} 0

                """
            );
            Assert.Equal([scrape, 0d], _parser.Samples.ToArray().Select(s => s[Metric.XidErrors]));
        }
    }

    [Fact]
    public void A_page_with_a_known_layout_is_parsed_without_allocation()
    {
        var page = Encoding.UTF8.GetBytes(Page(8));
        for (var i = 0; i < 100; i++)
        {
            _parser.Parse(page, Given.NoonMs);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        _parser.Parse(page, Given.NoonMs);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\t \r")]
    public void A_row_without_a_value_is_counted_and_costs_no_other_row(string text)
    {
        const string Link = "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL{UUID=\"GPU-1\",nvlink=\"0\"} 3\n";
        Parse(
            $"DCGM_FI_DEV_GPU_TEMP{{UUID=\"GPU-1\"}} 61\nDCGM_FI_DEV_POWER_USAGE{{UUID=\"GPU-1\"}}{text}\n"
                + $"{Link}DCGM_FI_DEV_SM_CLOCK{text}\n"
        );

        Assert.Equal((1, 2, 0, 2), (_parser.Count, _parser.Rows, _parser.Errors, _parser.RowsWithoutValue));
        Assert.Equal(61, _parser.Samples[0][Metric.GpuTemp]);
        Assert.False(_parser.Samples[0].Has(Metric.PowerUsage));
        // Sums are known only of a page that is whole.
        Assert.Equal(3, _parser.Samples[0][Metric.NvlinkCrcFlitErrors]);
    }

    [Fact]
    public void A_gpu_whose_rows_name_no_host_is_of_the_given_one()
    {
        const string Page =
            "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"GPU-1\",modelName=\"T4\"} 61\n"
            + "DCGM_FI_DEV_GPU_TEMP{gpu=\"1\",UUID=\"GPU-2\",Hostname=\"n1\"} 62\n";
        var parser = new ExpositionParser(_registry, "exporter-7");

        parser.Parse(Encoding.UTF8.GetBytes(Page), Given.NoonMs);
        var first = parser.Samples[0].Info;
        parser.Parse(Encoding.UTF8.GetBytes(Page), Given.NoonMs + 1000);

        Assert.Equal((new GpuInfo("exporter-7", 0, "", "T4", ""), "n1"), (first, parser.Samples[1].Info.Host));
        Assert.Same(first, parser.Samples[0].Info);
    }

    private void Parse(string page) => _parser.Parse(Encoding.UTF8.GetBytes(page), Given.NoonMs);

    private static string Page(int gpus) => Page(Enumerable.Range(0, gpus).ToArray());

    private static string Page(params int[] gpus)
    {
        var page = new StringBuilder();
        foreach (
            var (family, help, value) in new (string, string, Func<int, string>)[]
            {
                ("DCGM_FI_DEV_GPU_TEMP", "GPU temperature (in C).", g => (60 + g).ToString(CultureInfo.InvariantCulture)),
                ("DCGM_FI_DEV_CLOCK_THROTTLE_REASONS", "Throttle reasons.", _ => "128"),
                ("DCGM_FI_PROF_SM_ACTIVE", "Ratio.", _ => "0.250000"),
            }
        )
        {
            page.Append(CultureInfo.InvariantCulture, $"# HELP {family} {help}\n# TYPE {family} gauge\n");
            foreach (var gpu in gpus)
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"{family}{{gpu=\"{gpu}\",UUID=\"{Uuid(gpu)}\",pci_bus_id=\"00000000:1A:00.0\",device=\"nvidia{gpu}\","
                        + $"modelName=\"NVIDIA H100 80GB HBM3\",Hostname=\"node-0017\","
                        + $"DCGM_FI_DRIVER_VERSION=\"550.127.08\"}} {value(gpu)}\n"
                );
            }
        }

        return page.ToString();
    }

    private static string Uuid(int gpu) => $"GPU-0000000{gpu}-6156-355b-e589-ff2064894f16";
}
