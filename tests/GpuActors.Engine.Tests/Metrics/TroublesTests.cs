using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Metrics;

public sealed class TroublesTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly Troubles _troubles;

    public TroublesTests() => _troubles = new Troubles(_time);

    [Fact]
    public void A_failure_that_passes_is_no_trouble_that_lasts()
    {
        _troubles.Failed("detect", "partition 1", "no leader");
        _time.Advance(Troubles.RepeatedAfter);
        _troubles.Failed("detect", "partition 1", "no leader");
        Assert.False(_troubles.Has("detect"));

        _troubles.Over("detect", "partition 1");

        Assert.False(_troubles.Any);
    }

    [Fact]
    public void Failures_that_repeat_last_and_are_told_with_the_newest_cause()
    {
        _troubles.Failed("detect", "partition 1", "first");
        _time.Advance(Troubles.RepeatedAfter);
        _troubles.Failed("detect", "partition 1", "second");
        _troubles.Failed("detect", "partition 1", "third");

        Assert.Equal("detect: partition 1 has not got on for 10 s: third", Assert.Single(_troubles.Lasting()).ToString());
    }

    [Fact]
    public void What_fails_no_more_is_forgotten_and_what_waits_is_not()
    {
        _troubles.Failed("detect", "partition 1", "gone to another node");
        _troubles.Waits("detect", "arrival of partition 2", "no shard");
        _time.Advance(Troubles.LastingAfter);
        Assert.Equal(2, _troubles.Lasting().Count);

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("arrival of partition 2", Assert.Single(_troubles.Lasting()).What);
    }
}
