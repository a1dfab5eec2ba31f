using GpuActors.Core.Metrics;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Tests;

/// <summary>Each fault changes the page as it would on a real exporter, from its first second to its last.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(FaultKind.PowerBrake, 0x88)]
    [InlineData(FaultKind.HwThermal, 0x48)]
    [InlineData(FaultKind.SwThermal, 0x20)]
    public void A_throttle_sets_its_bits_and_lowers_the_clock(FaultKind kind, int bits)
    {
        var pages = new Pages().With(kind);
        Assert.Equal(0, Mask(pages, 9) & bits);
        var clock = pages.ReadAt(9, 0, Metric.SmClock);
        Assert.Equal(bits, Mask(pages, 10) & bits);
        Assert.True(pages.ReadAt(10, 0, Metric.SmClock) < clock);
        Assert.Equal(bits, Mask(pages, 19) & bits);
        Assert.Equal(0, Mask(pages, 20) & bits);
    }

    [Theory]
    [InlineData(FaultKind.Dbe, Metric.EccDbeVolatile, 1, 1)]
    [InlineData(FaultKind.SbeStorm, Metric.EccSbeVolatile, 5, 50)]
    [InlineData(FaultKind.PcieReplays, Metric.PcieReplayCounter, 10, 100)]
    [InlineData(FaultKind.RowRemap, Metric.UncorrectableRemappedRows, 1, 1)]
    [InlineData(FaultKind.RowRemap, Metric.RowRemapPending, 1, 1)]
    [InlineData(FaultKind.RemapFailure, Metric.RowRemapFailure, 1, 1)]
    [InlineData(FaultKind.SramThreshold, Metric.SramThresholdExceeded, 1, 1)]
    [InlineData(FaultKind.NvlinkReplays, Metric.NvlinkReplayErrors, 1, 10)]
    [InlineData(FaultKind.NvlinkCrc, Metric.NvlinkCrcDataErrors, 1, 10)]
    public void A_counter_increases_and_keeps_its_value(FaultKind kind, Metric metric, double first, double last)
    {
        var pages = new Pages().With(kind);
        Assert.Equal(0, pages.ReadAt(9, 0, metric));
        Assert.Equal(first, pages.ReadAt(10, 0, metric));
        Assert.Equal(last, pages.ReadAt(19, 0, metric));
        Assert.Equal(last, pages.ReadAt(60, 0, metric));
        Assert.Equal(0, pages.ReadAt(60, 1, metric));
    }

    [Fact]
    public void An_xid_stays_on_the_gauge_until_a_reboot()
    {
        var pages = new Pages().With(FaultKind.Xid, 48);
        _ = pages.Fleet.Inject(
            new FaultRequest
            {
                Gpu = "0",
                Kind = FaultKind.Reboot,
                AtSeconds = 40,
            },
            Pages.StartMs
        );
        Assert.Equal(0, pages.ReadAt(9, 0, Metric.XidErrors));
        Assert.Equal(48, pages.ReadAt(10, 0, Metric.XidErrors));
        Assert.Equal(48, pages.ReadAt(39, 0, Metric.XidErrors));
        Assert.Equal(0, pages.ReadAt(40, 0, Metric.XidErrors));
    }

    [Fact]
    public void Links_train_for_a_minute_after_a_reboot_and_count_errors()
    {
        var pages = new Pages().With(FaultKind.Reboot);
        Assert.Equal(60, pages.ReadAt(120, 0, Metric.NvlinkReplayErrors));
        Assert.Equal(60, pages.ReadAt(600, 0, Metric.NvlinkReplayErrors));
    }

    [Fact]
    public void An_idle_gpu_has_a_slower_link_and_a_downtrained_one_is_narrower()
    {
        var idle = new Pages().With(FaultKind.Idle);
        Assert.Equal((1, 16, 1), (idle.ReadAt(15, 0, Metric.PcieLinkGen), idle.ReadAt(15, 0, Metric.PcieLinkWidth), Mask(idle, 15) & 1));
        var narrow = new Pages().With(FaultKind.PcieDowntrain);
        Assert.Equal((3, 8), (narrow.ReadAt(15, 0, Metric.PcieLinkGen), narrow.ReadAt(15, 0, Metric.PcieLinkWidth)));
        Assert.Equal((5, 16), (narrow.ReadAt(25, 0, Metric.PcieLinkGen), narrow.ReadAt(25, 0, Metric.PcieLinkWidth)));
    }

    [Fact]
    public void A_storm_shows_another_application_xid_every_second()
    {
        var pages = new Pages().With(FaultKind.XidStorm);
        Assert.Equal(4, Enumerable.Range(10, 8).Select(s => pages.ReadAt(s, 0, Metric.XidErrors)).Distinct().Count());
    }

    [Fact]
    public void A_reboot_resets_volatile_counters_and_energy()
    {
        var pages = new Pages().With(FaultKind.Reboot);
        var energy = pages.ReadAt(9, 0, Metric.EnergyConsumption);
        Assert.True(pages.ReadAt(10, 0, Metric.EnergyConsumption) < energy / 1000);
    }

    [Fact]
    public void A_gpu_that_vanishes_has_no_rows()
    {
        var pages = new Pages().With(FaultKind.Vanish);
        Assert.Equal(10, pages.ReadAt(9).Count);
        Assert.Equal(pages.Fleet.Gpus.Skip(1).Select(g => g.Uuid).Order(), pages.ReadAt(10).Keys.Order());
        Assert.Equal(10, pages.ReadAt(20).Count);
    }

    [Fact]
    public void Only_the_host_whose_exporter_is_down_has_no_page()
    {
        var pages = new Pages().With(FaultKind.ExporterDown);
        Assert.NotNull(pages.At(9, pages.Fleet.Hosts[0]));
        Assert.Null(pages.At(10, pages.Fleet.Hosts[0]));
        Assert.NotNull(pages.At(10, pages.Fleet.Hosts[1]));
        Assert.NotNull(pages.At(20, pages.Fleet.Hosts[0]));
    }

    [Fact]
    public void Frozen_telemetry_repeats_every_value()
    {
        var pages = new Pages().With(FaultKind.Frozen);
        var before = pages.ReadAt(9)[pages.Fleet.Gpus[0].Uuid];
        Assert.Equal(before, pages.ReadAt(19)[pages.Fleet.Gpus[0].Uuid]);
        Assert.NotEqual(before, pages.ReadAt(20)[pages.Fleet.Gpus[0].Uuid]);
    }

    [Fact]
    public void Garbage_and_sentinels_have_values_seen_on_real_exporters()
    {
        Assert.Equal(82_505, new Pages().With(FaultKind.Garbage).ReadAt(10, 0, Metric.GpuTemp));
        Assert.Equal(4_294_967_295, new Pages().With(FaultKind.Garbage).ReadAt(10, 0, Metric.GpuUtilization));
        Assert.Equal(2_147_483_632, new Pages().With(FaultKind.Sentinel).ReadAt(10, 0, Metric.GpuTemp));
        Assert.Equal(9_223_372_036_854_775_792, new Pages().With(FaultKind.Sentinel).ReadAt(10, 0, Metric.EccDbeVolatile));
    }

    [Fact]
    public void A_removed_fault_ends_at_once_and_ended_faults_are_dropped()
    {
        var pages = new Pages();
        var fault = pages.Fleet.Inject(
            new FaultRequest
            {
                Gpu = pages.Fleet.Gpus[3].Uuid,
                Kind = FaultKind.PowerBrake,
                DurationSeconds = 5,
            },
            Pages.StartMs
        );
        Assert.Equal(0x88, (int)pages.ReadAt(1, 3, Metric.ThrottleReasons) & 0x88);
        Assert.True(pages.Fleet.Remove(fault.Id));
        Assert.False(pages.Fleet.Remove(fault.Id));
        Assert.Equal(0, (int)pages.ReadAt(2, 3, Metric.ThrottleReasons) & 0x88);

        _ = pages.With(FaultKind.PowerBrake);
        Assert.Single(pages.Fleet.Faults);
        _ = pages.At(30);
        Assert.Empty(pages.Fleet.Faults);
    }

    [Theory]
    [InlineData("10", 5, 0, "gpu = '10'")]
    [InlineData("-1", 5, 0, "gpu = '-1'")]
    [InlineData("GPU-unknown", 5, 0, "GPU-unknown")]
    [InlineData("0", 0, 0, "duration_s = 0")]
    [InlineData("0", double.NaN, 0, "duration_s = NaN")]
    [InlineData("0", 5, -1, "at_s = -1")]
    public void An_invalid_fault_is_rejected_with_field_and_value(string gpu, double duration, double at, string words)
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new Pages().Fleet.Inject(
                new FaultRequest
                {
                    Gpu = gpu,
                    Kind = FaultKind.Dbe,
                    DurationSeconds = duration,
                    AtSeconds = at,
                },
                Pages.StartMs
            )
        );
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_demo_scenario_fits_the_demo_fleet()
    {
        var fleet = new SimulatedFleet(10, 1, Pages.StartMs);
        Assert.All(Scenario.Load(Scenario.Demo), f => fleet.Inject(f, Pages.StartMs));
        Assert.True(fleet.Faults.Count >= 5);
        Assert.Empty(Scenario.Load(""));
    }

    [Theory]
    [InlineData("[{\"gpu\":\"0\",\"kind\":\"meteor\"}]", "kind")]
    [InlineData("[{\"gpu\":\"0\",\"kind\":\"dbe\",\"duration\":5}]", "duration")]
    [InlineData("[{\"kind\":\"dbe\"}]", "gpu")]
    [InlineData("{", "JSON array")]
    public void An_invalid_scenario_file_is_rejected_with_path_and_error(string text, string words)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            var error = Assert.Throws<InvalidDataException>(() => Scenario.Load(path));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_missing_scenario_file_is_rejected_with_its_path() =>
        Assert.Contains(
            "no-such-file.json",
            Assert.Throws<InvalidDataException>(() => Scenario.Load("no-such-file.json")).Message,
            StringComparison.Ordinal
        );

    private static int Mask(Pages pages, double second) => (int)pages.ReadAt(second, 0, Metric.ThrottleReasons);
}
