using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>The state as a whole: a pure function of the log prefix that it has seen.</summary>
public sealed class GpuStateTests
{
    private readonly GpuRegistry _registry = new();

    [Theory]
    [InlineData(299)]
    [InlineData(60)]
    public void A_clock_that_is_set_back_wins_after_two_records(int ahead)
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 10; second++)
        {
            _ = gpu.At(second, (Metric.ThrottleReasons, 0));
        }

        _ = gpu.At(10 + ahead, appendSecond: 10.005, (Metric.ThrottleReasons, 0));
        for (var second = 11; second < 20; second++)
        {
            _ = gpu.At(second, (Metric.ThrottleReasons, 0x80));
        }

        Assert.Equal(["14 power_brake firing"], gpu.Story);
        Assert.Equal(1, gpu.State.ClockSteps);
    }

    [Fact]
    public void Late_samples_of_a_right_clock_set_nothing_back()
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(100, (Metric.ThrottleReasons, 0));
        for (var second = 50; second < 60; second++)
        {
            _ = gpu.At(second, appendSecond: 100 + second, (Metric.ThrottleReasons, 0x80));
        }

        Assert.Empty(gpu.Story);
        Assert.Equal((0, Given.NoonMs + 100_000), (gpu.State.ClockSteps, gpu.State.TimeMs));
    }

    [Fact]
    public void A_replay_changes_nothing_and_fires_nothing()
    {
        var gpu = new GpuTimeline().Run(Metric.ThrottleReasons, [0, 0x80, 0x80, 0x80, 0x80]);
        var before = gpu.State.Save();
        var again = new GpuTimeline { State = gpu.State }.Run(Metric.ThrottleReasons, [0, 0x80, 0x80, 0x80, 0x80]);

        Assert.Empty(again.Transitions);
        Assert.Equal(before, gpu.State.Save());
        Assert.Equal(5, gpu.State.Samples);
    }

    [Fact]
    public void A_late_sample_enters_history_but_says_nothing_of_now()
    {
        var gpu = new GpuTimeline();
        _ = gpu.At(100, (Metric.GpuTemp, 60), (Metric.EccDbeVolatile, 0));
        _ = gpu.At(40, (Metric.GpuTemp, 90), (Metric.EccDbeVolatile, 5));
        _ = gpu.At(101, (Metric.GpuTemp, 60), (Metric.EccDbeVolatile, 0));

        Assert.Empty(gpu.Story);
        Assert.Equal(3, gpu.State.Windows.LastMinutes(Metric.GpuTemp, 60, Given.NoonMs + 101_000).Count);
        Assert.Equal(60, gpu.State.Status(gpu.Rules).Metrics["gpu_temp"]);
    }

    [Fact]
    public void Offsets_of_two_partitions_are_told_apart()
    {
        var state = new GpuState(GpuId.Parse(Given.Gpu));
        bool Apply(int partition, long offset)
        {
            var sample = Given.Sample(_registry, (Metric.GpuTemp, 60));
            (sample.Partition, sample.Offset) = (partition, offset);
            return state.Apply(sample, new(), []);
        }

        Assert.True(Apply(0, 10));
        Assert.True(Apply(1, 3));
        Assert.False(Apply(0, 10));
        Assert.False(Apply(1, 2));
        Assert.True(Apply(1, 4));
        Assert.True(Apply(2, 0));
        Assert.Equal(4, state.Samples);
    }

    // The property behind every checkpoint: wherever the log is cut, saving, loading and going on gives what an undisturbed run gives.
    [Fact]
    public void A_state_that_was_saved_and_loaded_anywhere_goes_on_as_if_nothing_had_happened() =>
        Prop.ForAll(
                Gen.ArrayOf(Step, 60).ToArbitrary(),
                Gen.Choose(0, 60).ToArbitrary(),
                (steps, cut) =>
                {
                    GpuTimeline undisturbed = new(),
                        cutOnce = new();
                    var now = 0.0;
                    for (var i = 0; i < steps.Length; i++)
                    {
                        if (i == cut)
                        {
                            cutOnce.State = GpuState.Load(GpuId.Parse(Given.Gpu), cutOnce.State.Save());
                        }

                        now += steps[i].Seconds;
                        foreach (var gpu in new[] { undisturbed, cutOnce })
                        {
                            gpu.Look(now);
                            gpu.Log(now, KernelLogKind.Xid, steps[i].Xid);
                            var count = new XidCount(94, steps[i].Dbe);
                            _ = gpu.At(
                                now,
                                sample => sample.AddXidCount(count),
                                (Metric.ThrottleReasons, steps[i].Mask),
                                (Metric.XidErrors, steps[i].Xid),
                                (Metric.EccDbeVolatile, steps[i].Dbe),
                                (Metric.EccSbeVolatile, i * 20),
                                (Metric.GpuTemp, steps[i].Mask),
                                (Metric.RetiredPagesDbe, i),
                                (Metric.EnergyConsumption, steps[i].Dbe == 2 ? 0 : i * 1000),
                                (Metric.NvlinkReplayErrors, steps[i].Dbe),
                                (Metric.NvlinkTxBytes, 1e9 * i),
                                (Metric.NvlinkRxBytes, 2e9),
                                (Metric.TensorActive, 0.5)
                            );
                        }
                    }

                    Assert.Equal(undisturbed.Story, cutOnce.Story);
                    Assert.Equal(
                        undisturbed.Transitions.Select(t => (t.AlertId, t.Seq, t.Summary)),
                        cutOnce.Transitions.Select(t => (t.AlertId, t.Seq, t.Summary))
                    );
                    Assert.Equal(undisturbed.State.Save(), cutOnce.State.Save());
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void A_damaged_snapshot_either_loads_or_says_that_it_is_damaged()
    {
        var snapshot = new GpuTimeline()
            .Run(Metric.ThrottleReasons, Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? 160d : 32d))
            .State.Save();
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = GpuActors.Testing.Mutations.Of(snapshot, random);
            try
            {
                _ = GpuState.Load(GpuId.Parse(Given.Gpu), damaged);
            }
            catch (InvalidDataException e)
            {
                Assert.Contains(Given.Gpu, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_snapshot_of_another_version_names_both() =>
        Assert.Contains(
            "version 99; this build reads",
            Assert.Throws<InvalidDataException>(() => GpuState.Load(GpuId.Parse(Given.Gpu), [99])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Status_shows_health_open_alerts_and_the_last_values()
    {
        var gpu = new GpuTimeline().Run(Metric.ThrottleReasons, [0x80, 0x80, 0x80]);
        var status = gpu.State.Status(gpu.Rules);

        Assert.Equal(GpuHealth.Critical, status.Health);
        Assert.Equal(gpu.Transitions.Single().AlertId, Assert.Single(status.OpenAlerts).AlertId);
        Assert.Equal(128, status.Metrics["throttle_reasons"]);
        Assert.DoesNotContain("power_usage", status.Metrics.Keys);
        Assert.Equal((Given.Info, 3L, Given.NoonMs + 2000), (status.Info, status.Samples, status.TimeMs));
        Assert.Equal(GpuHealth.Healthy, new GpuTimeline().Run(Metric.ThrottleReasons, 1).State.Status(gpu.Rules).Health);
    }

    [Fact]
    public void A_sample_that_changes_no_alert_is_applied_without_allocation()
    {
        var gpu = new GpuState(GpuId.Parse(Given.Gpu));
        var sample = Given.Sample(
            _registry,
            (Metric.GpuTemp, 60),
            (Metric.ThrottleReasons, 0),
            (Metric.EccSbeVolatile, 5),
            (Metric.EccDbeVolatile, 0),
            (Metric.XidErrors, 0),
            (Metric.PowerUsage, 400)
        );
        var rules = new Core.Rules.RuleSettings();
        var transitions = new List<Core.Alerts.AlertTransition>();
        for (var i = 0; i < 3; i++)
        {
            sample.Offset++;
            _ = gpu.Apply(sample, rules, transitions);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        sample.Offset++;
        Assert.True(gpu.Apply(sample, rules, transitions));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Gen<(double Seconds, int Mask, int Xid, int Dbe)> Step =>
        Gen.Frequency((20, Gen.Constant(1d)), (2, Gen.Choose(1, 600).Select(s => (double)s)))
            .SelectMany(seconds =>
                Gen.Elements(0, 0x20, 0x20, 0x80, 0x40, 0xC8)
                    .SelectMany(mask =>
                        Gen.Elements(0, 0, 48, 79, 31).SelectMany(xid => Gen.Elements(0, 0, 1, 2).Select(dbe => (seconds, mask, xid, dbe)))
                    )
            );
}
