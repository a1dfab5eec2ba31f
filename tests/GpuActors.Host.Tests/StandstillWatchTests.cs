using GpuActors.Host.Node;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class StandstillWatchTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<TimeSpan> _told = [];

    [Fact]
    public void A_standstill_longer_than_the_limit_is_told_once_with_its_length()
    {
        var watch = new StandstillWatch(TimeSpan.FromSeconds(9), _time, _told.Add);
        // Its timer is the system's and would fire between the lines of this test.
        watch.Dispose();

        foreach (var passed in new[] { 0.25, 9.0, 30.0, 0.25 })
        {
            _time.Advance(TimeSpan.FromSeconds(passed));
            watch.Check();
        }

        Assert.Equal([TimeSpan.FromSeconds(30)], _told);
    }
}
