using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>A GPU that is not heard of any more, by the log's own time.</summary>
public sealed class AbsenceTests
{
    [Fact]
    public void Three_missed_intervals_fire_and_the_next_sample_resolves()
    {
        var gpu = Every(2, samples: 30);
        gpu.Look(63.9);
        Assert.Empty(gpu.Story);
        gpu.Look(64.1);
        gpu.Look(70);
        _ = gpu.At(80, (Metric.GpuTemp, 60));

        Assert.Equal(["64 gpu_absent firing", "80 gpu_absent resolved"], gpu.Story);
        Assert.Equal("No sample for 6.1 s from node-0017 GPU 3; one every 2 s is usual", gpu.Transitions[0].Summary);
    }

    [Fact]
    public void A_gpu_that_was_heard_of_only_a_few_times_is_not_missed()
    {
        var few = Every(2, samples: 9);
        few.Look(600);
        Assert.Empty(few.Story);
        var enough = Every(2, samples: 10);
        enough.Look(600);
        Assert.Single(enough.Story);
    }

    [Fact]
    public void The_opening_time_does_not_depend_on_when_somebody_looked()
    {
        GpuTimeline early = Every(2, 30),
            late = Every(2, 30);
        early.Look(64.1);
        late.Look(300);
        Assert.Equal(early.Transitions.Single().AlertId, late.Transitions.Single().AlertId);
    }

    [Fact]
    public void A_silence_that_was_published_before_a_crash_is_resolved_by_the_sample_after_it_and_by_none_before()
    {
        var before = Every(2, samples: 30);
        before.Look(64.1);
        var published = before.Transitions.Single();

        // The checkpoint knew the first ten samples; the replay knows nothing of who looked when.
        var after = Every(2, samples: 10);
        after.State.Recall(published);
        for (var s = 20; s < 60; s += 2)
        {
            _ = after.At(s, (Metric.GpuTemp, 60));
        }

        Assert.Empty(after.Story);
        after.Look(66);
        Assert.Empty(after.Story);
        _ = after.At(80, (Metric.GpuTemp, 60));
        Assert.Equal((published.AlertId, 2), (after.Transitions.Single().AlertId, after.Transitions.Single().Seq));
    }

    [Fact]
    public void A_silence_that_was_published_and_resolved_before_a_crash_is_over()
    {
        var before = Every(2, samples: 30);
        before.Look(64.1);
        _ = before.At(80, (Metric.GpuTemp, 60));

        var after = Every(2, samples: 30);
        before.Transitions.ForEach(after.State.Recall);
        _ = after.At(80, (Metric.GpuTemp, 60));

        Assert.Empty(after.Story);
    }

    [Fact]
    public void A_fast_exporter_is_given_the_least_silence_and_a_slow_one_the_most()
    {
        var fast = Every(0.1, 100);
        fast.Look(9.9 + 2.9);
        Assert.Empty(fast.Story);
        fast.Look(9.9 + 3.1);
        Assert.Single(fast.Story);

        var slow = Every(200, 30);
        slow.Look((29 * 200) + 299);
        Assert.Empty(slow.Story);
        slow.Look((29 * 200) + 301);
        Assert.Single(slow.Story);
    }

    [Fact]
    public void A_gpu_that_was_seen_once_has_no_usual_interval()
    {
        var rules = new RuleSettings { Absence = new AbsenceSettings { MinSamples = 1 } };
        var gpu = new GpuTimeline(rules.With(RuleCatalog.FieldMissing, new() { Enabled = false }));
        _ = gpu.At(0, (Metric.GpuTemp, 60));
        gpu.Look(299);
        Assert.Empty(gpu.Story);
        gpu.Look(301);
        Assert.Equal("No sample for 301 s from node-0017 GPU 3", gpu.Transitions.Single().Summary);
    }

    [Fact]
    public void A_gpu_that_was_never_seen_is_not_silent()
    {
        var gpu = new GpuTimeline();
        gpu.Look(1e6);
        Assert.Empty(gpu.Story);
    }

    [Fact]
    public void A_changed_interval_is_learned()
    {
        var gpu = Every(1, 60);
        for (var s = 60 + 2; s < 120; s += 2)
        {
            _ = gpu.At(s, (Metric.GpuTemp, 60));
        }

        gpu.Look(118 + 5);
        Assert.Empty(gpu.Story);
        gpu.Look(118 + 6.1);
        Assert.Single(gpu.Story);
    }

    [Fact]
    public void An_interval_that_becomes_much_longer_is_learned_when_it_has_come_three_times()
    {
        var gpu = Every(1, 60);
        for (var i = 1; i <= 4; i++)
        {
            _ = gpu.At(59 + (i * 60), (Metric.GpuTemp, 60));
        }

        gpu.Look(59 + 240 + 179);
        Assert.Empty(gpu.Story);
        gpu.Look(59 + 240 + 181);
        Assert.Single(gpu.Story);
    }

    [Fact]
    public void A_gpu_knows_since_when_it_is_heard()
    {
        var gpu = Every(1, 10);
        Assert.Equal(Given.NoonMs, gpu.State.HeardSinceMs);
        _ = gpu.At(100, appendSecond: 100, (Metric.GpuTemp, 60));
        _ = gpu.At(101, appendSecond: 101, (Metric.GpuTemp, 60));
        Assert.Equal(Given.NoonMs + 100_000, gpu.State.HeardSinceMs);
    }

    [Fact]
    public void An_outage_is_not_taken_for_an_interval()
    {
        var gpu = Every(1, 60);
        _ = gpu.At(3600, (Metric.GpuTemp, 60));
        gpu.Look(3603.2);
        Assert.Single(gpu.Story);
    }

    [Fact]
    public void A_gpu_that_is_heard_less_often_than_its_sample_times_say_is_judged_by_how_often_it_is_heard()
    {
        var gpu = new GpuTimeline();
        for (var i = 0; i < 40; i++)
        {
            _ = gpu.At(i, appendSecond: i * 5, (Metric.GpuTemp, 60));
        }

        gpu.Look((39 * 5) + 14);
        Assert.Empty(gpu.Story);
        gpu.Look((39 * 5) + 16);
        Assert.Single(gpu.Story);
    }

    [Fact]
    public void A_collector_that_catches_up_changes_nothing()
    {
        var gpu = Every(2, 30);
        for (var i = 30; i < 60; i++)
        {
            _ = gpu.At(i * 2, appendSecond: 120, (Metric.GpuTemp, 60));
        }

        gpu.Look(125.9);
        Assert.Empty(gpu.Story);
        gpu.Look(126.1);
        Assert.Single(gpu.Story);
    }

    [Theory]
    [InlineData("host_absent")]
    [InlineData("gpu_absent")]
    public void A_gpu_without_which_its_host_comes_back_is_lost(string before)
    {
        var gpu = Every(1, 60);
        gpu.Look(1000, RuleCatalog.Find(before));
        gpu.Look(1010, RuleCatalog.Find(before));
        var opened = Assert.Single(gpu.Transitions);
        Assert.Equal(before, opened.Rule);

        gpu.Look(1020, RuleCatalog.GpuLost);
        gpu.Look(1030, RuleCatalog.GpuLost);
        gpu.Look(1040, RuleCatalog.Find(before));

        Assert.Equal([$"1020 {before} resolved", "1020 gpu_lost firing"], gpu.Story.Skip(1));
        Assert.Equal(opened.AlertId, gpu.Transitions[1].AlertId);
        _ = gpu.At(1100, (Metric.GpuTemp, 60));
        Assert.Equal(["1100 gpu_lost resolved"], gpu.Story.Skip(3));
    }

    [Fact]
    public void A_gpu_whose_exporter_is_down_is_no_alert_of_its_own_until_its_host_reports_without_it()
    {
        var gpu = Every(1, 60);
        gpu.Look(1000, RuleCatalog.ExporterDown);
        Assert.Empty(gpu.Story);

        gpu.Look(1020, RuleCatalog.GpuLost);
        Assert.Equal("gpu_lost", Assert.Single(gpu.Transitions).Rule);
    }

    [Fact]
    public void The_latency_of_an_absence_counts_from_the_moment_at_which_it_was_due()
    {
        var gpu = Every(2, samples: 30);
        gpu.Look(64.9);

        Assert.Equal(Given.NoonMs + 64_000, gpu.Transitions.Single().IngestedAtMs);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(60)]
    public void At_every_interval_the_limit_is_three_intervals_and_three_seconds_at_least(double interval)
    {
        var gpu = Every(interval, 30);

        Assert.Equal(Math.Max(3_000, 3_000 * interval), gpu.State.AbsenceLimitMs(gpu.Rules), 1e-6);
    }

    [Theory]
    [InlineData("gpu_lost", 60.1, "it may have fallen off the bus")]
    [InlineData("gpu_absent", 60.1, "one every 1 s is usual")]
    public void What_is_known_of_the_host_names_the_alert(string cause, double absentFor, string text)
    {
        var gpu = Every(1, 30);
        gpu.Look(29 + absentFor, RuleCatalog.Find(cause));
        Assert.Equal($"32 {cause} firing", Assert.Single(gpu.Story));
        Assert.EndsWith(text, gpu.Transitions[0].Summary, StringComparison.Ordinal);
        gpu.Look(29 + absentFor + 60, RuleCatalog.Find(cause));
        Assert.Single(gpu.Story);
    }

    // A reboot takes minutes, and nobody is to be woken by one.
    [Fact]
    public void A_absent_host_fires_when_it_has_been_absent_for_longer_than_a_reboot()
    {
        var gpu = Every(1, 30);
        gpu.Look(29 + 3 + 299, RuleCatalog.HostAbsent);
        Assert.Empty(gpu.Story);
        gpu.Look(29 + 3 + 301, RuleCatalog.HostAbsent);
        _ = gpu.At(400, (Metric.GpuTemp, 60));
        Assert.Equal(["332 host_absent firing", "400 host_absent resolved"], gpu.Story);
    }

    private static GpuTimeline Every(double seconds, int samples)
    {
        var gpu = new GpuTimeline();
        for (var i = 0; i < samples; i++)
        {
            _ = gpu.At(i * seconds, appendSecond: i * seconds, (Metric.GpuTemp, 60));
        }

        return gpu;
    }
}
