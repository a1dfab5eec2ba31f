using System.Text;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests.Exposition;

/// <summary>
/// Pages in the format of the exporter's releases (<c>Pages/*.txt</c>): all of their values are read, and no others are created.
/// </summary>
public sealed class ExporterPagesTests
{
    private const string First = "GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",
        Second = "GPU-265c9814-6156-355b-e589-ff2064894f16";

    private readonly ExpositionParser _parser = new(new GpuRegistry());

    [Fact]
    public void Pages_of_an_old_exporter_with_old_names_and_without_pci_bus_ids_are_parsed()
    {
        var (first, second) = Two("old-names");

        Assert.Equal(new GpuInfo("dgx-a100-01", 0, "", "NVIDIA A100-SXM4-80GB", "470.57.02"), first.Info);
        AssertHas(
            second,
            (Metric.SmClock, 1410),
            (Metric.MemClock, 1593),
            (Metric.MemoryTemp, 51),
            (Metric.GpuTemp, 54),
            (Metric.PowerUsage, 397.201),
            (Metric.EnergyConsumption, 90210447181),
            (Metric.ThrottleReasons, 4),
            (Metric.PcieReplayCounter, 2),
            (Metric.GpuUtilization, 100),
            (Metric.XidErrors, 31),
            (Metric.EccSbeVolatile, 3),
            (Metric.EccDbeVolatile, 0),
            (Metric.RetiredPagesSbe, 0),
            (Metric.GrEngineActive, 0.998127)
        );
        Assert.Empty(MissingRequired(second));
        Assert.Equal((28, 0, 0), (_parser.Rows, _parser.SkippedRows, _parser.UnknownFamilies));
    }

    [Fact]
    public void Names_of_dcgm_4_6_and_an_xid_message_with_commas_are_parsed()
    {
        var (first, second) = Two("new-names");

        Assert.Equal(new GpuInfo("n1", 1, "00000000:43:00.0", "NVIDIA H100 80GB HBM3", "580.95.05"), second.Info);
        AssertHas(
            second,
            (Metric.GpuTemp, 61),
            (Metric.MemoryTemp, 71),
            (Metric.GpuTempMargin, -1),
            (Metric.PowerUsage, 699.874),
            (Metric.PowerLimit, 700),
            (Metric.ThrottleReasons, 0xA0),
            (Metric.GpuUtilization, 98),
            (Metric.EccSbeVolatile, 0),
            (Metric.EccDbeVolatile, 1),
            (Metric.PcieReplayCounter, 0),
            (Metric.UncorrectableRemappedRows, 1),
            (Metric.RowRemapFailure, 0),
            (Metric.GpuRecoveryAction, 1),
            (Metric.SmActive, 0.9124),
            (Metric.TensorActive, 0.523801),
            (Metric.XidErrors, 45)
        );
        Assert.Equal(0, first[Metric.XidErrors]);
        Assert.Empty(MissingRequired(first));
        Assert.Equal(0, _parser.UnknownFamilies);
    }

    [Fact]
    public void With_time_slicing_values_are_read_once_and_all_workloads_are_listed()
    {
        var (first, second) = Two("kubernetes-time-slicing");

        AssertHas(first, (Metric.GpuTemp, 64), (Metric.PowerUsage, 68.118), (Metric.FbUsed, 11264), (Metric.XidErrors, 13));
        Assert.Equal(new Workload("ml,ml,serving", "resnet-0,resnet-1,triton-7c9f", "train,train,server"), first.Info.Workload);
        Assert.Null(second.Info.Workload);
        Assert.Equal(["throttle_reasons", "ecc_sbe_volatile", "ecc_dbe_volatile"], MissingRequired(second));
        Assert.Equal((8, 8), (_parser.Rows, _parser.SkippedRows));
    }

    [Fact]
    public void Mig_rows_give_the_gpus_values_once_and_the_values_of_each_instance()
    {
        var (first, second) = Two("mig");

        AssertHas(
            first,
            (Metric.GpuTemp, 52),
            (Metric.PowerUsage, 310.5),
            (Metric.ThrottleReasons, 0),
            (Metric.EccSbeVolatile, 2),
            (Metric.EccDbeVolatile, 0),
            (Metric.XidErrors, 0)
        );
        Assert.Equal(0.05, second[Metric.GrEngineActive]);
        Assert.Equal(512, second[Metric.FbUsed]);
        Assert.Equal(new Workload("team-a,team-b", "job-a,job-b", "a,b"), first.Info.Workload);
        Assert.Empty(MissingRequired(first));
        var instances = _parser.MigInstances.ToArray();
        Assert.Equal(
            [(First, 1, "3g.40gb"), (First, 9, "1g.10gb"), (First, 10, "1g.10gb")],
            instances.Select(i => (i.Gpu.Id.Value, i.Id, i.Profile))
        );
        Assert.Equal(
            [(30122d, 0.42, 0.21), (8040, 0.11, 0.06), (11, 0, 0)],
            instances.Select(i => (i[Metric.FbUsed], i[Metric.GrEngineActive], i[Metric.DramActive]))
        );
        Assert.All(instances, i => Assert.True(double.IsNaN(i[Metric.GpuTemp])));
    }

    [Fact]
    public void Hpc_jobs_are_reported_as_containers()
    {
        var (first, second) = Two("hpc-jobs");

        AssertHas(first, (Metric.GpuTemp, 47), (Metric.GpuUtilization, 88));
        Assert.Equal(new Workload("", "", "118230,118231"), first.Info.Workload);
        Assert.Null(second.Info.Workload);
        Assert.Equal(["power_usage", "throttle_reasons", "ecc_sbe_volatile", "ecc_dbe_volatile", "xid_errors"], MissingRequired(first));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void OpenMetrics_pages_with_units_exemplars_timestamps_escapes_and_an_end_are_parsed(string newLine)
    {
        Parse(Text("openmetrics").Replace("\n", newLine, StringComparison.Ordinal));

        var sample = Assert.Single(_parser.Samples.ToArray());
        Assert.Equal("", _parser.FirstError);
        Assert.Equal(new GpuInfo("n\\1\"a\"", 0, "", "NVIDIA H100, \"SXM\" {80GB}", ""), sample.Info);
        AssertHas(sample, (Metric.GpuTemp, 61), (Metric.PowerUsage, 305.8), (Metric.EccSbeAggregate, 150), (Metric.PcieReplayCounter, 17));
        Assert.Equal(7, _parser.Rows);
    }

    [Fact]
    public void Counters_are_recognized_with_the_suffix_of_OpenMetrics()
    {
        Parse($"# TYPE DCGM_FI_DEV_PCIE_REPLAY_COUNTER counter\nDCGM_FI_DEV_PCIE_REPLAY_COUNTER_total{{UUID=\"{First}\"}} 17\n# EOF\n");
        AssertHas(Assert.Single(_parser.Samples.ToArray()), (Metric.PcieReplayCounter, 17));
    }

    [Fact]
    public void Nvlink_rows_are_assigned_to_their_gpu_and_each_link_is_added_once()
    {
        var (first, second) = Two("nvlink");

        AssertHas(
            first,
            (Metric.NvlinkBandwidthL0, 1000),
            (Metric.NvlinkBandwidthL1, 1001),
            (Metric.NvlinkBandwidthL2, 1002),
            (Metric.NvlinkBandwidthL17, 1017),
            (Metric.NvlinkCrcFlitErrors, 7),
            (Metric.NvlinkReplayErrors, 2),
            (Metric.PowerUsage, 412.7)
        );
        // A row of the GPU itself takes precedence over the sum of its links.
        AssertHas(second, (Metric.NvlinkBandwidthL0, 2000), (Metric.NvlinkBandwidth, 424242), (Metric.NvlinkCrcFlitErrors, 11));
        Assert.Equal("550.127.08", first.Info.Driver);
        // Skipped: link 18, which has no slot, two rows of switch links, a repeated row, a CPU and a switch. The families of switches and
        // CPUs are not in the catalogue.
        Assert.Equal((6, 2), (_parser.SkippedRows, _parser.UnknownFamilies));
    }

    [Fact]
    public void Blank_values_of_old_exporters_are_left_to_the_validator_and_blank_labels_are_empty()
    {
        var (first, second) = Two("sentinels");
        var validator = new GpuActors.Core.Validation.SampleValidator(new());

        Assert.Equal(new GpuInfo("", 0, "", "", ""), first.Info);
        _ = validator.Validate(first, Given.NoonMs);
        _ = validator.Validate(second, Given.NoonMs);
        AssertHas(first, (Metric.SmClock, 139), (Metric.MemClock, 405), (Metric.GpuTemp, 40));
        AssertHas(second, (Metric.PowerUsage, 66), (Metric.PcieReplayCounter, 0));
        Assert.Equal(9, validator.ImplausibleTotal);
    }

    [Fact]
    public void An_exporter_with_default_counters_lacks_throttle_reasons_and_ecc()
    {
        var (first, second) = Two("default-counters");

        Assert.All([first, second], s => Assert.Equal(["throttle_reasons", "ecc_sbe_volatile", "ecc_dbe_volatile"], MissingRequired(s)));
        Assert.Equal((25, 0), (MetricCatalog.All.Count(m => second.Has(m.Metric)), _parser.UnknownFamilies));
    }

    [Fact]
    public void On_a_federated_page_the_exported_labels_name_the_workload()
    {
        var (first, second) = Two("federation");

        AssertHas(first, (Metric.GpuTemp, 61), (Metric.GpuUtilization, 97));
        Assert.Equal(new Workload("llm", "pretrain-0", "torch"), first.Info.Workload);
        Assert.Equal(new Workload("llm", "pretrain-1", "torch"), second.Info.Workload);
        Assert.Equal("n1", first.Info.Host);
    }

    [Fact]
    public void Xid_counts_are_read_except_those_without_an_xid()
    {
        var (first, second) = Two("windowed-counts-1");
        Assert.Equal([new XidCount(31, 1)], first.XidCounts.ToArray());
        Assert.True(second.XidCounts.IsEmpty);
        Assert.False(first.Has(Metric.XidErrors));

        (first, _) = Two("windowed-counts-2");
        Assert.Equal([new XidCount(31, 2), new XidCount(79, 1)], first.XidCounts.ToArray());
    }

    [Fact]
    public void Clock_events_give_throttle_reasons_from_the_second_page_on()
    {
        var (first, second) = Two("windowed-counts-1");
        Assert.False(first.Has(Metric.ThrottleReasons));

        (first, second) = Two("windowed-counts-2");
        // The counts of 0x8 and 0x20 are constant, that of 0x80 has increased, 0x40 is new, and that of 0x4 has decreased. The idle bit of
        // the other GPU has ended.
        Assert.Equal(0x8 | 0x20 | 0x40 | 0x80, first[Metric.ThrottleReasons]);
        Assert.Equal(0, second[Metric.ThrottleReasons]);
    }

    [Fact]
    public void Field_112_takes_precedence_over_clock_events()
    {
        Two("windowed-counts-1");
        Parse(Text("windowed-counts-2") + $"DCGM_FI_DEV_CLOCKS_EVENT_REASONS{{UUID=\"{First}\"}} 4\n");
        Assert.Equal([4d, 0], _parser.Samples.ToArray().Select(s => s[Metric.ThrottleReasons]));
    }

    [Fact]
    public void Rows_lost_by_truncation_cause_no_events_on_the_next_page()
    {
        var page = Text("windowed-counts-2");
        Parse(page);
        Parse(page[..(page.IndexOf("xid=\"31\"", StringComparison.Ordinal) + 3)]);

        Assert.Equal(1, _parser.Errors);
        Assert.Equal([new XidCount(31, 2), new XidCount(79, 1)], _parser.Samples[0].XidCounts.ToArray());

        Parse(page);
        Assert.All(_parser.Samples.ToArray(), s => Assert.False(s.Has(Metric.ThrottleReasons)));
        Parse(page);
        Assert.Equal(0x8 | 0x4 | 0x20 | 0x80, _parser.Samples[0][Metric.ThrottleReasons]);
    }

    [Fact]
    public void One_poll_of_a_clock_event_is_one_sample_and_several_polls_last()
    {
        var masks = new[] { 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 3, 3, 4, 4 }.Select(polls =>
        {
            Parse($"DCGM_EXP_CLOCK_EVENTS_COUNT{{UUID=\"{First}\",clock_event=\"hw_power_brake\"}} {polls}\n");
            return _parser.Samples[0][Metric.ThrottleReasons];
        });

        Assert.Equal([double.NaN, 0x80, 0, 0, 0x80, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0, 0x80, 0x80], masks);
    }

    [Fact]
    public void A_truncation_between_two_lines_is_detected_if_the_transport_reports_it()
    {
        var page = Text("nvlink");
        page = page[..(page.IndexOf("} 3\n", StringComparison.Ordinal) + 4)];
        _parser.Parse(Encoding.UTF8.GetBytes(page), Given.NoonMs, isWhole: false);

        Assert.False(_parser.Samples[0].Has(Metric.NvlinkCrcFlitErrors));
        Assert.Equal(1000, _parser.Samples[0][Metric.NvlinkBandwidthL0]);
    }

    [Fact]
    public void A_link_whose_row_disappears_and_returns_does_not_change_the_sum()
    {
        const string Replays = "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL";
        foreach (var (links, sum) in new[] { ("0123", 10d), ("013", 10), ("0123", 10), ("0", 10) })
        {
            Parse(string.Concat(links.Select(l => $"{Replays}{{nvlink=\"{l}\",gpu_uuid=\"{First}\"}} {l - '0' + 1}\n")));
            Assert.Equal(sum, _parser.Samples[0][Metric.NvlinkReplayErrors]);
        }

        Parse($"{Replays}{{nvlink=\"0\",gpu_uuid=\"{Second}\"}} 9223372036854775794\n");
        Assert.False(_parser.Samples[0].Has(Metric.NvlinkReplayErrors));
    }

    [Fact]
    public void At_most_eight_workloads_are_listed_in_a_stable_order()
    {
        string Page(IEnumerable<int> pods) =>
            string.Concat(pods.Select(p => $"DCGM_FI_DEV_GPU_TEMP{{UUID=\"{First}\",pod=\"p{p}\"}} 61\n"));

        Parse(Page(Enumerable.Range(0, 12)));
        Assert.Equal("p0,p1,p2,p3,p4,p5,p6,p7", _parser.Samples[0].Info.Workload!.Pod);

        Parse(Page([0, 1, 2]));
        var info = _parser.Samples[0].Info;
        Parse(Page([2, 0, 1]));
        Assert.Same(info, _parser.Samples[0].Info);
    }

    [Fact]
    public void The_row_of_a_gpu_takes_precedence_over_that_of_an_instance()
    {
        Parse(
            $"DCGM_FI_DEV_GPU_TEMP{{UUID=\"{First}\",GPU_I_ID=\"1\"}} 60\n"
                + $"DCGM_FI_DEV_GPU_TEMP{{UUID=\"{First}\"}} 61\n"
                + $"DCGM_FI_DEV_GPU_TEMP{{UUID=\"{First}\",GPU_I_ID=\"2\"}} 62\n"
        );
        Assert.Equal(61, _parser.Samples[0][Metric.GpuTemp]);
    }

    [Theory]
    [InlineData("old-names")]
    [InlineData("new-names")]
    [InlineData("kubernetes-time-slicing")]
    [InlineData("mig")]
    [InlineData("nvlink")]
    [InlineData("hpc-jobs")]
    [InlineData("windowed-counts-2")]
    [InlineData("federation")]
    public void A_known_page_with_any_layout_is_parsed_without_allocation(string name)
    {
        var page = Encoding.UTF8.GetBytes(Text(name));
        for (var i = 0; i < 50; i++)
        {
            _parser.Parse(page, Given.NoonMs);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        _parser.Parse(page, Given.NoonMs);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Labels_that_never_repeat_do_not_increase_memory_without_bound()
    {
        for (var scrape = 0; scrape < 400; scrape++)
        {
            Parse(
                string.Concat(
                    Enumerable.Range(0, 100).Select(r => $"DCGM_FI_DEV_GPU_TEMP{{UUID=\"{First}\",pod=\"p{scrape}-{r}\"}} {scrape % 100}\n")
                )
            );
            Assert.Equal(scrape % 100, Assert.Single(_parser.Samples.ToArray())[Metric.GpuTemp]);
        }

        Assert.Equal((1, 99), (_parser.Rows, _parser.SkippedRows));
    }

    private static void AssertHas(GpuSample sample, params (Metric Metric, double Value)[] values)
    {
        foreach (var (metric, value) in values)
        {
            Assert.True(sample[metric] == value, $"{metric} is {sample[metric]}, not {value}");
        }

        var extra = MetricCatalog
            .All.Where(m => sample.Has(m.Metric) && !values.Any(v => v.Metric == m.Metric))
            .Select(m => m.Name)
            .ToList();
        Assert.True(extra.Count == 0, "Also there: " + string.Join(", ", extra));
    }

    private static string[] MissingRequired(GpuSample sample) =>
        [.. MetricCatalog.All.Where(m => m.Required && !sample.Has(m.Metric)).Select(m => m.Name)];

    internal static string Text(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Exposition", "Pages", name + ".txt"));

    private (GpuSample First, GpuSample Second) Two(string name)
    {
        Parse(Text(name));
        Assert.Equal("", _parser.FirstError);
        Assert.Equal(2, _parser.Count);
        return (
            _parser.Samples.ToArray().Single(s => s.Gpu.Id.Value == First),
            _parser.Samples.ToArray().Single(s => s.Gpu.Id.Value == Second)
        );
    }

    private void Parse(string page) => _parser.Parse(Encoding.UTF8.GetBytes(page), Given.NoonMs);
}
