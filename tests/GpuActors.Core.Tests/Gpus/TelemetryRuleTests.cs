using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>Whether what comes says anything; power; flapping.</summary>
public sealed class TelemetryRuleTests
{
    // dcgm-exporter 164: a hung driver serves its last values with HTTP 200.
    [Fact]
    public void An_energy_counter_that_stands_still_is_frozen_telemetry()
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 300; second++)
        {
            _ = gpu.At(second, (Metric.EnergyConsumption, second is < 100 or > 250 ? second * 1000 : 100_000), (Metric.PowerUsage, 300));
        }

        Assert.Equal(["193 telemetry_frozen firing", "281 telemetry_frozen resolved"], gpu.Story);
    }

    [Fact]
    public void An_exporter_that_collects_every_thirty_seconds_is_not_frozen()
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 600; second++)
        {
            _ = gpu.At(second, (Metric.EnergyConsumption, second / 30 * 9_000_000.0));
        }

        Assert.Empty(gpu.Story);
    }

    [Fact]
    public void A_field_that_alerts_need_and_that_stays_away_is_named()
    {
        var gpu = new GpuTimeline(new RuleSettings());
        for (var second = 0; second < 700; second++)
        {
            _ = gpu.At(
                second,
                (Metric.GpuTemp, 60),
                (Metric.PowerUsage, 300),
                (Metric.XidErrors, 0),
                (Metric.EccSbeVolatile, 0),
                (Metric.EccDbeVolatile, 0)
            );
        }

        Assert.Equal(["600 field_missing firing"], gpu.Story);
        Assert.StartsWith("No throttle_reasons from ", gpu.Transitions[0].Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(690, 1500, true)]
    [InlineData(690, 1900, false)] // At the limit, clocks as before.
    [InlineData(500, 1500, false)] // Clocks fall, and so does power: less load.
    public void Falling_clocks_at_the_power_limit_fire(double watts, double clock, bool fires)
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 4200; second += 5)
        {
            var late = second >= 3300;
            _ = gpu.At(second, (Metric.PowerUsage, late ? watts : 650), (Metric.PowerLimit, 700), (Metric.SmClock, late ? clock : 1980));
        }

        Assert.Equal(fires, gpu.Story.Any(s => s.Contains("power_limited firing", StringComparison.Ordinal)));
    }

    // As measured on an H200: at full load it is held at its limit with 1425 MHz, and with an idle process before at 1980 MHz and 128 W.
    [Theory]
    [InlineData(3300)]
    [InlineData(1500)]
    public void A_job_that_starts_at_the_power_limit_has_no_falling_clocks(int startsAt)
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 7200; second += 5)
        {
            var works = second >= startsAt;
            _ = gpu.At(second, (Metric.PowerUsage, works ? 690 : 128), (Metric.PowerLimit, 700), (Metric.SmClock, works ? 1425 : 1980));
        }

        Assert.DoesNotContain(gpu.Story, s => s.Contains("power_limited", StringComparison.Ordinal));
    }

    // The public recipe "power > 350 W" fires on every 700 W part that works.
    [Fact]
    public void Power_below_the_limit_of_the_part_is_work() =>
        Assert.Empty(new GpuTimeline().Run(Metric.PowerUsage, Enumerable.Repeat(640d, 4200)).Story);

    [Fact]
    public void A_warming_hour_says_nothing_of_falling_clocks()
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 1200; second += 5)
        {
            _ = gpu.At(second, (Metric.PowerUsage, 695), (Metric.PowerLimit, 700), (Metric.SmClock, second < 600 ? 1980 : 1200));
        }

        Assert.Empty(gpu.Story);
    }

    // NVSentinel 1447: flaps of ten events a second made consumers days late.
    [Fact]
    public void An_alert_that_opens_four_times_an_hour_flaps_stays_open_and_says_so_once()
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 7200; second++)
        {
            _ = gpu.At(second, (Metric.ThrottleReasons, second < 3600 && second % 60 < 10 ? 0x80 : 0));
        }

        Assert.Equal(
            [
                "2 power_brake firing",
                "20 power_brake resolved",
                "62 power_brake firing",
                "80 power_brake resolved",
                "122 power_brake firing",
                "140 power_brake resolved",
                "182 power_brake firing",
                "182 flapping firing",
                "5350 power_brake resolved",
                "5350 flapping resolved",
            ],
            gpu.Story
        );
        Assert.Equal("power_brake", gpu.Transitions[7].Labels["flapping_rule"]);
        Assert.Equal(5, gpu.Transitions.Select(t => t.AlertId).Distinct().Count());
    }

    [Fact]
    public void A_single_bit_rate_that_can_not_be_seen_does_not_resolve()
    {
        var gpu = new GpuTimeline().Run(Metric.EccSbeVolatile, [0, 200, 200]);
        for (var second = 7200; second < 7200 + 4200; second++)
        {
            _ = gpu.At(second, (Metric.EccSbeVolatile, 200));
        }

        // Two hours of silence, then the hour must be covered, and then the clear delay.
        Assert.Equal(["1 ecc_sbe_rate firing", "10680 ecc_sbe_rate resolved"], gpu.Story);
    }

    [Fact]
    public void Single_bit_errors_that_grow_fewer_do_not_fire()
    {
        // 150 at once under a rule that was switched off; when it comes into force the later half hour has none.
        var gpu = new GpuTimeline();
        var off = gpu.Rules.With(RuleCatalog.EccSbeRate, new() { Enabled = false });
        var state = new GpuTimeline(off).Run(Metric.EccSbeVolatile, [0, 150, .. Enumerable.Repeat(150d, 2400)]).State;
        gpu.State = state;
        _ = gpu.At(2500, (Metric.EccSbeVolatile, 151));
        Assert.Empty(gpu.Story);
    }
}
