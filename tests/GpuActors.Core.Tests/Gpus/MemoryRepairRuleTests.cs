using GpuActors.Core.Alerts;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>Retired pages, remapped rows and the verdicts of hardware and driver.</summary>
public sealed class MemoryRepairRuleTests
{
    [Theory]
    [InlineData(Metric.RowRemapPending, 1, "row_remap_pending", AlertSeverity.Warning, RecommendedAction.ResetGpu)]
    [InlineData(Metric.RowRemapFailure, 1, "row_remap_failure", AlertSeverity.Critical, RecommendedAction.ContactSupport)]
    [InlineData(Metric.UncorrectableRemappedRows, 512, "row_remap_limit", AlertSeverity.Critical, RecommendedAction.ContactSupport)]
    [InlineData(Metric.SramThresholdExceeded, 1, "sram_threshold", AlertSeverity.Critical, RecommendedAction.ContactSupport)]
    [InlineData(Metric.MemoryUnrepairable, 1, "memory_unrepairable", AlertSeverity.Critical, RecommendedAction.ContactSupport)]
    [InlineData(Metric.RetiredPagesPending, 1, "retirement_pending", AlertSeverity.Warning, RecommendedAction.ResetGpu)]
    [InlineData(Metric.GpuRecoveryAction, 1, "recovery_action", AlertSeverity.Critical, RecommendedAction.ResetGpu)]
    [InlineData(Metric.GpuRecoveryAction, 2, "recovery_action", AlertSeverity.Critical, RecommendedAction.RebootNode)]
    [InlineData(Metric.GpuRecoveryAction, 3, "recovery_action", AlertSeverity.Warning, RecommendedAction.DrainAndInspect)]
    [InlineData(Metric.GpuRecoveryAction, 4, "recovery_action", AlertSeverity.Critical, RecommendedAction.ResetGpu)]
    public void A_state_fires_at_its_third_sample_and_resolves_when_it_is_over(
        Metric metric,
        double value,
        string rule,
        AlertSeverity severity,
        string action
    )
    {
        var gpu = new GpuTimeline().Run(metric, [0, 0, value, value, value, value, .. Enumerable.Repeat(0d, 20)]);
        Assert.Equal([$"4 {rule} firing", $"16 {rule} resolved"], gpu.Story);
        Assert.Equal((severity, action), (gpu.Transitions[0].Severity, gpu.Transitions[0].Action));
    }

    [Fact]
    public void The_drivers_verdict_shows_unless_an_open_alert_asks_for_as_much()
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(0, (Metric.XidErrors, 0), (Metric.GpuRecoveryAction, 0));
        gpu.Log(1, KernelLogKind.Xid, 63);
        Verdicts(2, 2);
        Assert.Equal(["1 xid firing", "4 recovery_action firing"], gpu.Story);

        // An XID that asks for less hides nothing that is open; one that asks for as much ends it.
        gpu.Log(20, KernelLogKind.Xid, 94);
        Verdicts(21, 2);
        Assert.DoesNotContain(gpu.Story, s => s.EndsWith("recovery_action resolved", StringComparison.Ordinal));
        gpu.Log(60, KernelLogKind.Xid, 79);
        Verdicts(61, 2);
        Assert.Contains(gpu.Story, s => s.EndsWith("recovery_action resolved", StringComparison.Ordinal));

        void Verdicts(int from, double action)
        {
            for (var second = from; second < from + 15; second++)
            {
                _ = gpu.At(second, (Metric.GpuRecoveryAction, action));
            }
        }
    }

    [Theory]
    [InlineData(Metric.RowRemapPending, 0)]
    [InlineData(Metric.UncorrectableRemappedRows, 511)]
    [InlineData(Metric.CorrectableRemappedRows, 5000)]
    [InlineData(Metric.RetiredPagesSbe, 62)]
    [InlineData(Metric.RetiredPagesDbe, 62)]
    public void What_is_below_its_limit_fires_nothing(Metric metric, double value) =>
        Assert.Empty(new GpuTimeline().Run(metric, Enumerable.Repeat(value, 60)).Story);

    [Fact]
    public void One_implausible_sample_fires_nothing() =>
        Assert.Empty(new GpuTimeline().Run(Metric.RowRemapFailure, [0, 1, 0, 0, 1, 0]).Story);

    [Fact]
    public void Sixty_three_retired_pages_of_both_kinds_fire()
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(0, (Metric.RetiredPagesSbe, 40), (Metric.RetiredPagesDbe, 22));
        Assert.Empty(gpu.Story);
        _ = gpu.At(1, (Metric.RetiredPagesSbe, 41), (Metric.RetiredPagesDbe, 22));
        Assert.Equal(["1 retired_pages firing"], gpu.Story);
    }

    [Fact]
    public void More_than_fifteen_double_bit_pages_fire_with_more_than_one_new_within_a_week()
    {
        const double Day = 86_400;
        Assert.Empty(new GpuTimeline().Run(Metric.RetiredPagesDbe, [16, 16, 16]).Story); // Old ones.
        Assert.Empty(new GpuTimeline().Run(Metric.RetiredPagesDbe, [15, 16, 16]).Story); // One new one.
        Assert.Equal(["2 retired_pages firing"], new GpuTimeline().Run(Metric.RetiredPagesDbe, [14, 15, 16]).Story);

        var slow = new GpuTimeline();
        _ = slow.At(0, (Metric.RetiredPagesDbe, 14));
        _ = slow.At(Day, (Metric.RetiredPagesDbe, 15));
        _ = slow.At(9 * Day, (Metric.RetiredPagesDbe, 16));
        Assert.Empty(slow.Story);
    }
}
