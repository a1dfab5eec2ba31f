using GpuActors.Core.Alerts;
using GpuActors.Core.Hosts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>NVLink and PCIe.</summary>
public sealed class LinkRuleTests
{
    [Theory]
    [InlineData(Metric.NvlinkReplayErrors, "nvlink_errors", AlertSeverity.Critical)]
    [InlineData(Metric.NvlinkRecoveryErrors, "nvlink_errors", AlertSeverity.Critical)]
    [InlineData(Metric.NvlinkCrcFlitErrors, "nvlink_crc", AlertSeverity.Warning)]
    [InlineData(Metric.NvlinkCrcDataErrors, "nvlink_crc", AlertSeverity.Warning)]
    [InlineData(Metric.NvlinkRxErrors, "nvlink5_errors", AlertSeverity.Critical)]
    [InlineData(Metric.NvlinkIntegrityErrors, "nvlink5_errors", AlertSeverity.Critical)]
    [InlineData(Metric.NvlinkRecoveryFailures, "nvlink5_errors", AlertSeverity.Critical)]
    public void One_more_error_fires_and_ten_quiet_minutes_resolve(Metric counter, string rule, AlertSeverity severity)
    {
        var gpu = new GpuTimeline().Run(counter, [7, 7, 8, .. Enumerable.Repeat(8d, 700)]);
        Assert.Equal([$"2 {rule} firing", $"603 {rule} resolved"], gpu.Story);
        Assert.Equal(severity, gpu.Transitions[0].Severity);
    }

    [Fact]
    public void A_hundred_crc_errors_a_second_are_a_warning_and_more_a_storm()
    {
        Assert.Equal(["1 nvlink_crc firing"], new GpuTimeline().Run(Metric.NvlinkCrcDataErrors, [0, 100, 200, 300]).Story);
        Assert.Equal(
            ["1 nvlink_crc firing", "1 nvlink_crc_storm firing"],
            new GpuTimeline().Run(Metric.NvlinkCrcDataErrors, [0, 101, 202]).Story
        );
    }

    // NVSentinel 1701: 214 nodes of false alarms in three weeks, from links that train while a node boots.
    [Fact]
    public void Links_that_train_after_a_reboot_fire_nothing()
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 1200; second++)
        {
            var sinceBoot = second - 100;
            var errors =
                sinceBoot < 0 ? 12
                : sinceBoot < 60 ? sinceBoot
                : 60;
            _ = gpu.At(
                second,
                (Metric.EnergyConsumption, sinceBoot < 0 ? 5e9 + second : 1000 + second),
                (Metric.NvlinkReplayErrors, errors),
                (Metric.NvlinkCrcFlitErrors, errors * 500)
            );
        }

        Assert.Empty(gpu.Story);
        _ = gpu.At(1200, (Metric.EnergyConsumption, 1e7), (Metric.NvlinkReplayErrors, 61));
        Assert.Equal(["1200 nvlink_errors firing"], gpu.Story);
    }

    // DCGM's limits: Gen4 x16 may have 16 replays a minute, Gen5 x16 31, Gen3 x8 4.
    [Theory]
    [InlineData(4, 16, 16, false)]
    [InlineData(4, 16, 17, true)]
    [InlineData(5, 16, 31, false)]
    [InlineData(5, 16, 32, true)]
    [InlineData(3, 8, 4, false)]
    [InlineData(3, 8, 5, true)]
    public void Pcie_replays_are_judged_by_generation_and_width(int generation, int lanes, int replays, bool fires)
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 50; second++)
        {
            _ = gpu.At(
                second,
                (Metric.PcieReplayCounter, 1000 + Math.Min(second, replays)),
                (Metric.PcieLinkGen, generation),
                (Metric.PcieLinkWidth, lanes)
            );
        }

        Assert.Equal(fires ? 1 : 0, gpu.Transitions.Count(t => t.Rule == "pcie_replay"));
    }

    // Half of the replays before and half after the turn of the minute are as many as all of them in one.
    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(45)]
    [InlineData(59)]
    public void Replays_of_sixty_seconds_count_wherever_the_minute_begins(int from)
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 40; second++)
        {
            _ = gpu.At(from + second, (Metric.PcieReplayCounter, second), (Metric.PcieLinkGen, 4), (Metric.PcieLinkWidth, 16));
        }

        Assert.Equal([$"{from + 17} pcie_replay firing"], gpu.Story);
    }

    [Fact]
    public void Replays_of_a_gap_are_not_those_of_a_minute()
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(0, (Metric.PcieReplayCounter, 0), (Metric.PcieLinkGen, 4), (Metric.PcieLinkWidth, 16));
        _ = gpu.At(3600, (Metric.PcieReplayCounter, 500), (Metric.PcieLinkGen, 4), (Metric.PcieLinkWidth, 16));
        Assert.Empty(gpu.Story);
    }

    [Theory]
    [InlineData(3, 16, 80, true)]
    [InlineData(5, 8, 80, true)]
    [InlineData(5, 16, 80, false)]
    [InlineData(1, 16, 0, false)] // An idle GPU lowers its link.
    public void A_link_below_its_best_is_judged_under_load(int generation, int lanes, int utilization, bool fires)
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 400; second++)
        {
            _ = gpu.At(
                second,
                (Metric.PcieLinkGen, generation),
                (Metric.PcieLinkWidth, lanes),
                (Metric.GpuUtilization, utilization),
                (Metric.PcieMaxLinkGen, 5),
                (Metric.PcieMaxLinkWidth, 16)
            );
        }

        Assert.Equal(fires ? ["302 pcie_link firing"] : [], gpu.Story);
    }

    [Fact]
    public void Five_low_minutes_beside_the_neighbours_fire_and_five_minutes_without_resolve()
    {
        var gpu = new GpuTimeline();
        for (var minute = 0; minute < 20; minute++)
        {
            _ = gpu.At(minute * 60, (Metric.GpuTemp, 60));
            gpu.State.Apply(new PeerVerdict(GpuId.Parse(Given.Gpu), minute < 8, 10e9, 90e9), gpu.Rules, gpu.Transitions);
        }

        Assert.Equal(["240 nvlink_bandwidth firing", "780 nvlink_bandwidth resolved"], gpu.Story);
        Assert.Equal("10.0 GB/s over NVLink, its neighbours 90.0 GB/s, on node-0017 GPU 3", gpu.Transitions[0].Summary);
    }

    [Fact]
    public void A_link_without_published_best_is_held_against_the_products()
    {
        var gpu = new GpuTimeline { Info = Given.Info with { Model = "NVIDIA A100-SXM4-40GB" } };
        for (var second = 0; second < 400; second++)
        {
            _ = gpu.At(second, (Metric.PcieLinkGen, 4), (Metric.PcieLinkWidth, 16), (Metric.GpuUtilization, 90));
        }

        Assert.Empty(gpu.Story);
    }
}
