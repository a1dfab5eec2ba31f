using GpuActors.Core.Gpus;
using static GpuActors.Core.Gpus.AlertTracker.Change;

namespace GpuActors.Core.Tests.Gpus;

public sealed class AlertTrackerTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(5),
        Clear = TimeSpan.FromSeconds(10);

    [Fact]
    public void It_fires_once_the_condition_has_held_and_resolves_once_it_has_been_over()
    {
        var tracker = default(AlertTracker);
        var changes = Enumerable.Range(0, 40).Select(s => tracker.Step(s is >= 2 and < 20, s * 1000, Hold, Clear)).ToList();

        Assert.Equal(7, changes.IndexOf(Fired));
        Assert.Equal(30, changes.IndexOf(Resolved));
        Assert.Equal(2, changes.Count(c => c != None));
        Assert.Equal((7000, 2, false), (tracker.OpenedAtMs, tracker.Seq, tracker.IsFiring));
    }

    [Fact]
    public void An_inactive_tracker_is_saved_like_one_that_was_never_evaluated()
    {
        var over = default(AlertTracker);
        _ = over.Step(true, 5000, TimeSpan.Zero, TimeSpan.Zero);
        _ = over.Step(false, 6000, TimeSpan.Zero, TimeSpan.Zero);
        var brokenOff = default(AlertTracker);
        _ = brokenOff.Step(true, 5000, Hold, Clear);
        _ = brokenOff.Step(false, 6000, Hold, Clear);

        Assert.Equal(Saved(default), Saved(over));
        Assert.Equal(Saved(default), Saved(brokenOff));

        static byte[] Saved(AlertTracker tracker)
        {
            using var buffer = new MemoryStream();
            using var writer = new BinaryWriter(buffer);
            tracker.Save(writer);
            return buffer.ToArray();
        }
    }

    [Fact]
    public void A_condition_that_breaks_off_while_pending_starts_anew()
    {
        var tracker = default(AlertTracker);
        Assert.Equal(None, tracker.Step(true, 0, Hold, Clear));
        Assert.Equal(None, tracker.Step(false, 4000, Hold, Clear));
        Assert.Equal(None, tracker.Step(true, 5000, Hold, Clear));
        Assert.Equal(None, tracker.Step(true, 9999, Hold, Clear));
        Assert.Equal(Fired, tracker.Step(true, 10_000, Hold, Clear));
    }

    [Fact]
    public void A_flicker_within_the_clear_delay_keeps_it_open()
    {
        var tracker = default(AlertTracker);
        _ = tracker.Step(true, 0, TimeSpan.Zero, Clear);
        for (var s = 1; s < 100; s++)
        {
            Assert.Equal(None, tracker.Step(s % 9 == 0, s * 1000, TimeSpan.Zero, Clear));
        }

        Assert.True(tracker.IsFiring);
    }

    [Fact]
    public void A_second_alert_numbers_its_transitions_from_one_again()
    {
        var tracker = default(AlertTracker);
        Assert.Equal(Fired, tracker.Step(true, 0, TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal(Resolved, tracker.Step(false, 1, TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal(2, tracker.Seq);
        Assert.Equal(Fired, tracker.Step(true, 2, TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal((1, 2L), (tracker.Seq, tracker.OpenedAtMs));
    }
}
