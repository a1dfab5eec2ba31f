using GpuActors.Engine.Detect;
using Xunit;

namespace GpuActors.Engine.Tests.Detect;

/// <summary>When silence is believed.</summary>
public sealed class PartitionLivenessTests
{
    private readonly PartitionLiveness _liveness = new();

    [Fact]
    public void Where_others_speak_they_are_the_clock() => Assert.Equal(9_500, Judge(nowMs: 10_000, newestMs: 9_500));

    [Fact]
    public void During_a_replay_only_what_was_read_counts() => Assert.Equal(4_000, Judge(nowMs: 60_000, newestMs: 4_000, appliedUpTo: 20));

    [Fact]
    public void Of_a_partition_of_which_nothing_was_read_nothing_is_judged() =>
        Assert.Null(Judge(nowMs: 60_000, newestMs: 0, appliedUpTo: 0));

    [Fact]
    public void A_lone_gpu_takes_a_second_look()
    {
        Assert.Equal(5_000, Judge(nowMs: 10_000, newestMs: 5_000, gpus: 1));
        Assert.Equal(11_000, Judge(nowMs: 11_000, newestMs: 5_000, gpus: 1));
    }

    [Fact]
    public void Gpus_that_fall_absent_together_are_not_believed_before_a_broker_would_be_given_up()
    {
        for (var nowMs = 10_000; nowMs < 40_000; nowMs += 1_000)
        {
            Assert.Equal(5_000, Judge(nowMs, newestMs: 5_000));
        }

        Assert.Equal(40_000, Judge(nowMs: 40_000, newestMs: 5_000));
    }

    [Fact]
    public void Nor_is_a_lone_one_when_nobody_speaks_in_any_partition()
    {
        Assert.Equal(5_000, Judge(nowMs: 10_000, newestMs: 5_000, newestOfAllMs: 6_000, gpus: 1));
        Assert.Equal(5_000, Judge(nowMs: 11_000, newestMs: 5_000, newestOfAllMs: 6_000, gpus: 1));
    }

    [Fact]
    public void After_a_pause_of_all_collectors_get_time_to_deliver_too()
    {
        Assert.Null(Judge(nowMs: 20_100, newestMs: 20_000, resumedMs: 20_000));
        Assert.Null(Judge(nowMs: 60_000, newestMs: 20_000, resumedMs: 20_000, appliedUpTo: 20));
        Assert.Equal(25_000, Judge(nowMs: 25_100, newestMs: 25_000, resumedMs: 20_000));
    }

    [Fact]
    public void While_the_leader_is_away_nobody_is_absent_and_afterwards_collectors_get_time_to_deliver()
    {
        Assert.Null(Judge(nowMs: 70_000, newestMs: 5_000, endOffset: null));
        for (var nowMs = 71_000; nowMs < 76_000; nowMs += 1_000)
        {
            Assert.Equal(5_000, Judge(nowMs, newestMs: 5_000));
        }

        Assert.Equal(76_000, Judge(nowMs: 76_000, newestMs: 5_000));
    }

    private long? Judge(
        long nowMs,
        long newestMs,
        long? newestOfAllMs = null,
        long appliedUpTo = 50,
        long? endOffset = 50,
        int gpus = 8,
        long resumedMs = -100_000
    ) =>
        _liveness.AbsenceTime(
            new PartitionLiveness.Seen(appliedUpTo, newestMs, resumedMs, newestOfAllMs ?? nowMs, nowMs, MinAbsenceMs: 3_000, gpus),
            endOffset
        );
}
