using GpuActors.Engine.Detect;
using Xunit;

namespace GpuActors.Engine.Tests.Detect;

/// <summary>When silence is believed.</summary>
public sealed class PartitionLivenessTests
{
    private const long Min = 3_000;
    private readonly PartitionLiveness _liveness = new();

    [Fact]
    public void A_partition_that_is_read_to_its_end_and_in_which_others_speak_is_judged_by_the_time_of_the_node() =>
        Assert.Equal(10_000, _liveness.TimeToJudgeBy(endOffset: 50, appliedUpTo: 50, newestMs: 9_500, nowMs: 10_000, Min));

    [Fact]
    public void During_a_replay_only_what_was_read_counts() =>
        Assert.Equal(4_000, _liveness.TimeToJudgeBy(endOffset: 50, appliedUpTo: 20, newestMs: 4_000, nowMs: 60_000, Min));

    [Fact]
    public void Of_a_partition_of_which_nothing_was_read_nothing_is_judged() =>
        Assert.Null(_liveness.TimeToJudgeBy(endOffset: 50, appliedUpTo: 0, newestMs: 0, nowMs: 60_000, Min));

    [Fact]
    public void Where_nobody_speaks_it_takes_a_second_look()
    {
        Assert.Equal(5_000, _liveness.TimeToJudgeBy(50, 50, 5_000, 10_000, Min));
        Assert.Equal(11_000, _liveness.TimeToJudgeBy(50, 50, 5_000, 11_000, Min));
    }

    [Fact]
    public void While_the_leader_is_away_nobody_is_silent_and_afterwards_collectors_get_time_to_deliver()
    {
        Assert.Null(_liveness.TimeToJudgeBy(null, 50, 5_000, 70_000, Min));
        for (var nowMs = 71_000; nowMs < 76_000; nowMs += 1_000)
        {
            Assert.Equal(5_000, _liveness.TimeToJudgeBy(50, 50, 5_000, nowMs, Min));
        }

        _ = _liveness.TimeToJudgeBy(50, 50, 5_000, 76_000, Min);
        Assert.Equal(77_000, _liveness.TimeToJudgeBy(50, 50, 5_000, 77_000, Min));
    }
}
