using GpuActors.Engine.Detect;
using Xunit;

namespace GpuActors.Engine.Tests.Detect;

/// <summary>Against which time the absence of a GPU is measured. Its partition has been available for a long time.</summary>
public sealed class PartitionLivenessTests
{
    private const double Interval = 1_000;

    private readonly PartitionLiveness _followed = new(replicas: 3);
    private readonly PartitionLiveness _alone = new(replicas: 1);

    public PartitionLivenessTests()
    {
        foreach (var liveness in new[] { _followed, _alone })
        {
            liveness.Has(-100_000);
        }
    }

    [Fact]
    public void Where_others_speak_it_is_the_time_of_the_node() => Assert.Equal(10_000, Time(nowMs: 10_000, newestMs: 9_500));

    [Fact]
    public void A_partition_that_stalls_stops_the_time_an_interval_later() => Assert.Equal(10_500, Time(nowMs: 12_000, newestMs: 9_500));

    [Fact]
    public void At_long_intervals_the_time_goes_on_between_records() =>
        Assert.Equal(40_000, Time(nowMs: 40_000, newestMs: 31_000, intervalMs: 10_000));

    [Fact]
    public void During_a_replay_only_what_was_read_counts() => Assert.Equal(4_000, Time(nowMs: 60_000, newestMs: 4_000, appliedUpTo: 20));

    [Fact]
    public void Of_a_partition_of_which_nothing_is_known_nothing_is_decided() =>
        Assert.Null(Time(nowMs: 60_000, newestMs: 0, appliedUpTo: 0));

    [Fact]
    public void A_lone_gpu_is_absent_when_the_leader_has_confirmed_it_for_a_second()
    {
        Assert.Equal(6_000, Time(nowMs: 10_000, newestMs: 5_000, gpus: 1));
        Assert.Equal(6_000, Time(nowMs: 10_900, newestMs: 5_000, gpus: 1));
        Assert.Equal(11_000, Time(nowMs: 11_000, newestMs: 5_000, gpus: 1));
    }

    [Fact]
    public void Gpus_that_become_absent_together_are_not_believed_before_a_broker_would_be_given_up()
    {
        for (var nowMs = 10_000; nowMs < 40_000; nowMs += 1_000)
        {
            Assert.Equal(6_000, Time(nowMs, newestMs: 5_000));
        }

        Assert.Equal(40_000, Time(nowMs: 40_000, newestMs: 5_000));
    }

    [Fact]
    public void A_leader_without_followers_does_not_stall()
    {
        Assert.Equal(6_000, Time(nowMs: 10_000, newestMs: 5_000, newestOfAllMs: 5_000, of: _alone));
        Assert.Equal(11_000, Time(nowMs: 11_000, newestMs: 5_000, newestOfAllMs: 5_000, of: _alone));
    }

    [Fact]
    public void Nor_is_a_lone_one_when_nobody_speaks_in_any_partition()
    {
        Assert.Equal(6_000, Time(nowMs: 10_000, newestMs: 5_000, newestOfAllMs: 6_000, gpus: 1));
        Assert.Equal(6_000, Time(nowMs: 11_000, newestMs: 5_000, newestOfAllMs: 6_000, gpus: 1));
    }

    [Fact]
    public void After_a_pause_of_all_collectors_get_time_to_deliver_too()
    {
        Assert.Null(Time(nowMs: 20_100, newestMs: 20_000, resumedMs: 20_000));
        Assert.Null(Time(nowMs: 60_000, newestMs: 20_000, resumedMs: 20_000, appliedUpTo: 20));
        Assert.Null(Time(nowMs: 31_900, newestMs: 31_500, resumedMs: 20_000));
        Assert.Equal(32_100, Time(nowMs: 32_100, newestMs: 32_000, resumedMs: 20_000));
    }

    [Theory]
    [InlineData(3, 34_000)]
    [InlineData(1, 13_000)]
    public void While_the_leader_is_away_nobody_is_absent_and_afterwards_collectors_get_time_to_connect(int replicas, long waitMs)
    {
        var liveness = replicas == 1 ? _alone : _followed;
        var newestMs = 70_000 + 1_000;
        Assert.Null(Time(nowMs: 71_000, newestMs, endOffset: null, of: liveness));
        for (var nowMs = 72_000; nowMs < 72_000 + waitMs; nowMs += 1_000)
        {
            Assert.Equal(Math.Min(nowMs, newestMs + 1_000), Time(nowMs, newestMs, of: liveness));
        }

        Assert.Equal(72_000 + waitMs, Time(nowMs: 72_000 + waitMs, newestMs, of: liveness));
    }

    private long? Time(
        long nowMs,
        long newestMs,
        long? newestOfAllMs = null,
        long appliedUpTo = 50,
        long? endOffset = 50,
        int gpus = 8,
        long resumedMs = -100_000,
        double intervalMs = Interval,
        PartitionLiveness? of = null
    )
    {
        var seen = new PartitionLiveness.Seen(
            appliedUpTo,
            newestMs,
            resumedMs,
            newestOfAllMs ?? nowMs,
            nowMs,
            intervalMs,
            intervalMs,
            gpus
        );
        return (of ?? _followed).AbsenceTime(seen, endOffset)?.Of(intervalMs);
    }
}
