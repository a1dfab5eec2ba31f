using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>A GPU that starts without its saved state, because the database is away, and gets it later.</summary>
public sealed class LostStateTests
{
    public static TheoryData<string> Rules => [.. RuleCatalog.All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void An_open_alert_of_every_rule_is_taken_over_from_its_record(string id)
    {
        var rule = RuleCatalog.Find(id)!;
        var discriminator =
            rule.Input == RuleInput.ErrorCodes ? "79"
            : rule.Input == RuleInput.Alerts ? RuleCatalog.PowerBrake.Id
            : "";
        var open = Open(rule, discriminator);

        var state = new GpuState(open.Gpu);
        state.RecallOpen(open);

        Assert.Equal(open.AlertId, Assert.Single(state.Status(new RuleSettings()).OpenAlerts).AlertId);
    }

    [Fact]
    public void A_fatal_xid_is_resolved_by_the_driver_reload_although_the_state_that_opened_it_is_lost()
    {
        var open = WithXid79().Transitions.Single();

        var after = new GpuTimeline();
        after.State.RecallOpen(open);
        Energies(after, from: 5, to: 20, first: 5_005_000);
        Assert.Empty(after.Story);
        Energies(after, from: 300, to: 305, first: 20_000);

        var resolved = after.Transitions.Single();
        Assert.Equal((open.AlertId, 2, AlertState.Resolved), (resolved.AlertId, resolved.Seq, resolved.State));
    }

    [Fact]
    public void A_replay_from_before_the_opening_neither_ends_an_alert_nor_opens_another_one()
    {
        double[] reasons = [0, 0, 0, 0, 0, 128, 128, 128, 128, 128, 128];
        var before = new GpuTimeline().Run(Metric.ThrottleReasons, reasons);
        var open = before.Transitions.Single();

        var after = new GpuTimeline();
        after.State.RecallOpen(open);
        after.Run(Metric.ThrottleReasons, [.. reasons, .. Enumerable.Repeat(0.0, 600)]);

        var resolved = after.Transitions.Single();
        Assert.Equal((open.AlertId, 2, AlertState.Resolved), (resolved.AlertId, resolved.Seq, resolved.State));
    }

    [Fact]
    public void An_xid_that_a_replay_reports_again_is_counted_once()
    {
        var after = new GpuTimeline();
        after.State.RecallOpen(WithXid79().Transitions.Single());
        Assert.Equal(1, after.State.Xids.Records.Single().Count);
        after.Log(10.5, KernelLogKind.Xid, 79);

        Assert.Empty(after.Story);
        Assert.Equal(1, after.State.Xids.Records.Single().Count);
    }

    [Fact]
    public void An_xid_that_the_saved_state_has_too_is_counted_once()
    {
        var before = WithXid79();
        var after = new GpuTimeline();
        after.State.RecallOpen(before.Transitions.Single());
        _ = after.At(20, (Metric.GpuTemp, 60));

        after.State.Recover(before.State);

        Assert.Equal(1, after.State.Xids.Records.Single().Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(61)]
    [InlineData(200)]
    [InlineData(11_000)]
    [InlineData(100_000)]
    public void Windows_that_come_late_are_those_of_a_gpu_that_never_lost_them(int samplesSince)
    {
        const int Before = 9_000;
        const int Step = 7;
        GpuTimeline whole = new(),
            saved = new(),
            late = new();
        for (var i = 0; i < Before + samplesSince; i++)
        {
            foreach (var timeline in i < Before ? [whole, saved] : new[] { whole, late })
            {
                _ = timeline.At(i * Step, (Metric.GpuTemp, 40 + (i * 31 % 40)), (Metric.PowerUsage, 200 + (i * 17 % 300)));
            }
        }

        late.State.Recover(saved.State);

        var now = whole.State.TimeMs;
        Assert.Equal((whole.State.Samples, now), (late.State.Samples, late.State.TimeMs));
        foreach (var metric in new[] { Metric.GpuTemp, Metric.PowerUsage })
        {
            for (var hours = 1; hours <= 168; hours++)
            {
                AssertAlmostEqual(whole.State.Windows.LastHours(metric, hours, now), late.State.Windows.LastHours(metric, hours, now));
            }

            for (var minutes = 1; minutes <= 60; minutes++)
            {
                AssertAlmostEqual(
                    whole.State.Windows.LastMinutes(metric, minutes, now),
                    late.State.Windows.LastMinutes(metric, minutes, now)
                );
            }
        }
    }

    private static void AssertAlmostEqual(Bucket expected, Bucket actual)
    {
        Assert.Equal((expected.Count, expected.Min, expected.Max, expected.Last), (actual.Count, actual.Min, actual.Max, actual.Last));
        // The bucket in which the state was lost is rounded once more.
        Assert.Equal(expected.Mean, actual.Mean, 1e-3);
    }

    private static GpuTimeline WithXid79()
    {
        var timeline = new GpuTimeline();
        Energies(timeline, from: 0, to: 10, first: 5_000_000);
        timeline.Log(10.5, KernelLogKind.Xid, 79);
        return timeline;
    }

    private static void Energies(GpuTimeline timeline, int from, int to, double first)
    {
        for (var second = from; second < to; second++)
        {
            _ = timeline.At(second, (Metric.EnergyConsumption, first + ((second - from) * 1000)), (Metric.PowerUsage, 100));
        }
    }

    private static AlertTransition Open(Rule rule, string discriminator)
    {
        var gpu = Given.Alert().Gpu;
        var labels = AlertLabels.Of(Given.Info);
        return Given.Alert() with
        {
            AlertId = AlertId.Of(gpu, rule.Id, discriminator, Given.NoonMs),
            Rule = rule.Id,
            OpenedAtMs = Given.NoonMs,
            Labels = rule.DiscriminatorLabel is { } name ? labels.With(name, discriminator) : labels,
        };
    }
}
