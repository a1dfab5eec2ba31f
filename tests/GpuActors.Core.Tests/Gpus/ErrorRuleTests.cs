using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>ECC errors and XIDs: counters and a gauge that lie in their own ways.</summary>
public sealed class ErrorRuleTests
{
    [Fact]
    public void A_double_bit_error_fires_at_once_and_stays_open_until_the_counter_is_set_back()
    {
        var gpu = new GpuTimeline().Run(Metric.EccDbeVolatile, [0, 0, 1, .. Enumerable.Repeat(1d, 3600), 0]);
        Assert.Equal(["2 ecc_dbe firing", "3603 ecc_dbe resolved"], gpu.Story);
        Assert.Equal("1 new double-bit ECC error (1 since driver load) on node-0017 GPU 3", gpu.Transitions[0].Summary);
    }

    [Fact]
    public void A_first_seen_count_is_an_information_and_only_more_is_an_error()
    {
        var old = new GpuTimeline().Run(Metric.EccDbeVolatile, Enumerable.Repeat(7d, 600)).Transitions.Single();
        Assert.Equal((AlertSeverity.Info, RecommendedAction.None), (old.Severity, old.Action));
        Assert.Equal("7 double-bit ECC errors since driver load on node-0017 GPU 3, from before its first sample", old.Summary);

        var gpu = new GpuTimeline().Run(Metric.EccDbeVolatile, [7, 7, double.NaN, 9, 9, 0]);
        Assert.Equal(["0 ecc_dbe firing", "3 ecc_dbe firing", "5 ecc_dbe resolved"], gpu.Story);
        Assert.Equal([AlertSeverity.Info, AlertSeverity.Critical, AlertSeverity.Critical], gpu.Transitions.Select(t => t.Severity));
        Assert.Equal([1, 2, 3], gpu.Transitions.Select(t => t.Seq));
        Assert.Single(gpu.Transitions.Select(t => t.AlertId).Distinct());
    }

    [Fact]
    public void The_severity_of_an_open_alert_is_that_which_was_published_also_after_a_restart()
    {
        var gpu = new GpuTimeline().Run(Metric.EccDbeVolatile, [7, 7]);
        Assert.Equal(AlertSeverity.Info, gpu.State.Status(gpu.Rules).OpenAlerts.Single().Severity);
        gpu.State = GpuState.Load(GpuId.Parse(Given.Gpu), gpu.State.Save());
        Assert.Equal(AlertSeverity.Info, gpu.State.Status(gpu.Rules).OpenAlerts.Single().Severity);
    }

    [Fact]
    public void Errors_of_days_without_samples_are_not_those_of_an_hour()
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(0, (Metric.EccSbeVolatile, 50));
        _ = gpu.At(3 * 24 * 3600, (Metric.EccSbeVolatile, 250));

        Assert.Empty(gpu.Story);
        var now = gpu.State.TimeMs;
        Assert.InRange(gpu.State.Windows.LastMinutes(Metric.EccSbeVolatile, 60, now).Sum, 0, 10);
        Assert.Equal(200, gpu.State.Windows.LastHours(Metric.EccSbeVolatile, 168, now).Sum);
    }

    [Fact]
    public void A_driver_reload_is_neither_an_error_nor_a_negative_delta()
    {
        var gpu = new GpuTimeline().Run(Metric.EccSbeVolatile, [5000, 5000, 0, 3, 3]);
        Assert.Empty(gpu.Story);
        Assert.Equal(3, gpu.State.Windows.LastMinutes(Metric.EccSbeVolatile, 60, Given.NoonMs + 5000).Sum);
        Assert.Empty(new GpuTimeline().Run(Metric.EccDbeVolatile, [0, 0, 0]).Story);
    }

    [Fact]
    public void More_than_a_hundred_single_bit_errors_within_an_hour_fire_and_the_hundredth_does_not()
    {
        Assert.Empty(new GpuTimeline().Run(Metric.EccSbeVolatile, [50, 150]).Story);
        var gpu = new GpuTimeline().Run(Metric.EccSbeVolatile, [50, 150, 151]);
        Assert.Equal(["2 ecc_sbe_rate firing"], gpu.Story);
        Assert.Equal(
            (101d, 100d, AlertSeverity.Warning),
            (gpu.Transitions[0].Value, gpu.Transitions[0].Threshold, gpu.Transitions[0].Severity)
        );
    }

    [Fact]
    public void The_rate_resolves_five_minutes_after_the_errors_left_the_hour()
    {
        var gpu = new GpuTimeline().Run(Metric.EccSbeVolatile, [0, 200, .. Enumerable.Repeat(200d, 4200)]);
        Assert.Equal(["1 ecc_sbe_rate firing", "3900 ecc_sbe_rate resolved"], gpu.Story);
    }

    [Fact]
    public void Slow_errors_never_fire() =>
        Assert.Empty(new GpuTimeline().Run(Metric.EccSbeVolatile, Enumerable.Range(0, 7200).Select(s => Math.Floor(s / 40.0))).Story);

    [Fact]
    public void The_code_that_the_xid_gauge_shows_first_is_old_news() =>
        Assert.Empty(new GpuTimeline().Run(Metric.XidErrors, Enumerable.Repeat(79d, 600)).Story);

    [Theory]
    [InlineData(79, AlertSeverity.Critical, RecommendedAction.RebootNode)]
    [InlineData(48, AlertSeverity.Critical, RecommendedAction.ResetGpu)]
    [InlineData(63, AlertSeverity.Warning, RecommendedAction.None)]
    [InlineData(999, AlertSeverity.Warning, RecommendedAction.ContactSupport)]
    public void A_new_code_fires_with_the_policys_severity_and_action(int code, AlertSeverity severity, string action)
    {
        var gpu = new GpuTimeline().Run(Metric.XidErrors, [0, code, code, 0]);
        Assert.Equal(["1 xid firing", "3 xid resolved"], gpu.Story);
        Assert.Equal((severity, action, (double)code), (gpu.Transitions[0].Severity, gpu.Transitions[0].Action, gpu.Transitions[0].Value));
        Assert.Equal(code.ToString(System.Globalization.CultureInfo.InvariantCulture), gpu.Transitions[0].Labels["xid"]);
    }

    // Application errors: they say nothing of the hardware.
    [Theory]
    [InlineData(13)]
    [InlineData(31)]
    [InlineData(43)]
    [InlineData(45)]
    public void An_application_xid_fires_nothing(int code) =>
        Assert.Empty(new GpuTimeline().Run(Metric.XidErrors, [0, code, 0, code]).Story);

    [Fact]
    public void A_second_code_is_an_alert_of_its_own_and_both_stay_open()
    {
        var gpu = new GpuTimeline().Run(Metric.XidErrors, [0, 48, 79, 79]);
        Assert.Equal(["1 xid firing", "2 xid firing"], gpu.Story);
        Assert.Equal(2, gpu.State.Status(gpu.Rules).OpenAlerts.Count);
        Assert.Equal(2, gpu.Transitions.Select(t => t.AlertId).Distinct().Count());
    }

    [Fact]
    public void A_warning_whose_gauge_is_never_set_back_resolves_after_the_quiet_time() =>
        Assert.Equal(["3600 xid firing", "90000 xid resolved"], Hourly(63).Story);

    [Fact]
    public void A_fatal_xid_stays_open_until_there_is_evidence_of_repair() => Assert.Equal(["3600 xid firing"], Hourly(79).Story);

    private static GpuTimeline Hourly(int code)
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(0, (Metric.XidErrors, 0));
        for (var hour = 1; hour <= 30; hour++)
        {
            _ = gpu.At(hour * 3600, (Metric.XidErrors, code));
        }

        return gpu;
    }
}
