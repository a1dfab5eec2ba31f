using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>The throttle mask, bit by bit.</summary>
public sealed class ThrottleRuleTests
{
    [Theory]
    [InlineData(0x40, "hw_thermal")]
    [InlineData(0x48, "hw_thermal")]
    [InlineData(0x80, "power_brake")]
    [InlineData(0x88, "power_brake")]
    public void A_hardware_bit_fires_at_its_third_sample_and_resolves_ten_seconds_after_its_last(int mask, string rule)
    {
        var gpu = new GpuTimeline().Run(Metric.ThrottleReasons, [0, 0, mask, mask, mask, mask, mask, .. Repeat(0, 30)]);
        Assert.Equal([$"4 {rule} firing", $"17 {rule} resolved"], gpu.Story);
        Assert.Single(gpu.Transitions.Select(t => t.AlertId).Distinct());
        Assert.Equal([1, 2], gpu.Transitions.Select(t => t.Seq));
        Assert.All(gpu.Transitions, t => Assert.Equal(AlertSeverity.Critical, t.Severity));
        Assert.Equal((Given.NoonMs + 4005, 0), (gpu.Transitions[0].IngestedAtMs, gpu.Transitions[0].DetectedAtMs));
    }

    // Idle, application clocks, sync boost, display clocks. The public recipe "mask > 0 for 5 minutes" fires on all of them.
    [Theory]
    [InlineData(0x0)]
    [InlineData(0x1)]
    [InlineData(0x2)]
    [InlineData(0x10)]
    [InlineData(0x100)]
    [InlineData(0x113)]
    public void Bits_that_are_normal_fire_nothing(int mask) =>
        Assert.Empty(new GpuTimeline().Run(Metric.ThrottleReasons, Repeat(mask, 600)).Story);

    [Fact]
    public void The_power_cap_bit_nearly_all_of_the_time_is_an_information()
    {
        var gpu = new GpuTimeline().Run(Metric.ThrottleReasons, [.. Repeat(0x4, 400), .. Repeat(0, 900)]);
        Assert.Equal("300 power_cap firing", gpu.Story.First());
        Assert.Equal(AlertSeverity.Info, gpu.Transitions[0].Severity);
        Assert.Empty(new GpuTimeline().Run(Metric.ThrottleReasons, Enumerable.Range(0, 1200).Select(s => s % 4 == 0 ? 0 : 4d)).Story);
    }

    [Fact]
    public void Hardware_slowdown_alone_must_last_and_flickers_at_p_state_changes_do_not()
    {
        Assert.Equal(["32 hw_slowdown firing"], new GpuTimeline().Run(Metric.ThrottleReasons, Repeat(0x8, 60)).Story);
        Assert.Empty(new GpuTimeline().Run(Metric.ThrottleReasons, Enumerable.Range(0, 600).Select(s => s % 20 < 5 ? 0x8 : 0d)).Story);
    }

    [Theory]
    [InlineData(0x48, "hw_thermal")]
    [InlineData(0x88, "power_brake")]
    public void The_named_cause_wins_over_the_unnamed_one(int mask, string rule) =>
        Assert.Equal([$"2 {rule} firing"], new GpuTimeline().Run(Metric.ThrottleReasons, Repeat(mask, 600)).Story);

    [Fact]
    public void Two_samples_are_not_enough_and_the_count_starts_again() =>
        Assert.Empty(new GpuTimeline().Run(Metric.ThrottleReasons, [0x80, 0x80, 0, 0x80, 0x80, 0, 0x80, 0x80]).Story);

    [Fact]
    public void A_sample_without_mask_neither_counts_nor_interrupts() =>
        Assert.Equal(
            ["4 power_brake firing"],
            new GpuTimeline().Run(Metric.ThrottleReasons, [0x80, 0x80, double.NaN, double.NaN, 0x80]).Story
        );

    [Fact]
    public void Both_bits_are_two_alerts() =>
        Assert.Equal(["2 hw_thermal firing", "2 power_brake firing"], new GpuTimeline().Run(Metric.ThrottleReasons, Repeat(0xC8, 3)).Story);

    [Fact]
    public void N_of_m_and_a_hold_are_the_rules_own()
    {
        var rules = new RuleSettings().With(
            RuleCatalog.PowerBrake,
            new()
            {
                Required = 2,
                Of = 4,
                Hold = TimeSpan.FromSeconds(2),
            }
        );
        Assert.Equal(["5 power_brake firing"], new GpuTimeline(rules).Run(Metric.ThrottleReasons, [0x80, 0, 0, 0x80, 0x80, 0x80]).Story);
    }

    [Fact]
    public void A_rule_that_is_switched_off_fires_nothing() =>
        Assert.Empty(
            new GpuTimeline(new RuleSettings().With(RuleCatalog.PowerBrake, new() { Enabled = false }))
                .Run(Metric.ThrottleReasons, Repeat(0x80, 60))
                .Story
        );

    [Fact]
    public void An_alert_says_what_where_and_what_to_do()
    {
        var alert = new GpuTimeline().Run(Metric.ThrottleReasons, Repeat(0x80, 3)).Transitions.Single();
        Assert.Equal("Power brake slowdown (0x80) in 3 of the last 3 samples on node-0017 GPU 3", alert.Summary);
        Assert.Equal(
            (3d, 3d, RecommendedAction.CheckPower, "#power-brake", AlertLabels.Of(Given.Info)),
            (alert.Value, alert.Threshold, alert.Action, alert.Runbook, alert.Labels)
        );
    }

    [Fact]
    public void Software_thermal_fires_at_sixty_per_cent_of_a_window_that_is_half_covered_and_resolves_below_it()
    {
        // From the first set bit on: 5 minutes are covered at second 300, all set. Then the bit goes.
        var gpu = new GpuTimeline().Run(Metric.ThrottleReasons, [.. Repeat(0x20, 400), .. Repeat(0, 1200)]);
        Assert.Equal("300 sw_thermal firing", gpu.Story.First());
        Assert.Equal(2, gpu.Transitions.Count);

        // 601 samples lie in ten minutes; fewer than 60% of them are set from second 640 on, and the clear delay is a minute.
        Assert.Equal("700 sw_thermal resolved", gpu.Story.Last());
        Assert.Equal(AlertSeverity.Warning, gpu.Transitions[0].Severity);
    }

    [Fact]
    public void Software_thermal_for_half_of_the_time_does_not_fire() =>
        Assert.Empty(new GpuTimeline().Run(Metric.ThrottleReasons, Enumerable.Range(0, 1800).Select(s => s % 2 == 0 ? 0x20 : 0d)).Story);

    private static IEnumerable<double> Repeat(double value, int times) => Enumerable.Repeat(value, times);
}
