using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Tests.Windows;

public sealed class BitWindowTests
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    [Fact]
    public void Duty_equals_a_naive_count_over_any_interleaving() =>
        Prop.ForAll(
                Gen.ArrayOf(Gen.Choose(-5_000, 120_000).SelectMany(step => Gen.Elements(true, false).Select(set => (step, set))), 300)
                    .ToArbitrary(),
                steps =>
                {
                    var window = new BitWindow();
                    var all = new List<(long Time, bool Set)>();
                    var now = Given.NoonMs;
                    foreach (var (step, set) in steps)
                    {
                        var time = now + step;
                        window.Add(time, set, Span);
                        // Ten minutes have room for a sample each 585 ms.
                        if (time >= now + 585 || all.Count == 0)
                        {
                            now = time;
                            all.Add((time, set));
                        }

                        var inside = all.Where(s => s.Time >= now - 600_000).ToList();
                        Assert.Equal((inside.Count, inside.Count(s => s.Set)), (window.Count, window.Set));
                        Assert.Equal(inside.Count(s => s.Set) / (double)inside.Count, window.Duty);
                        Assert.Equal(now - inside[0].Time, window.Covered.TotalMilliseconds);
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [InlineData(10, 10)]
    [InlineData(250, 10)]
    [InlineData(1_000, 600)]
    [InlineData(60_000, 600)]
    public void It_covers_its_span_at_any_interval_and_does_not_grow_without_bound(int intervalMs, int minutes)
    {
        var window = new BitWindow();
        var span = TimeSpan.FromMinutes(minutes);
        var isSet = new Random(1);
        for (var time = 0L; time <= 2 * span.TotalMilliseconds; time += intervalMs)
        {
            window.Add(Given.NoonMs + time, isSet.NextDouble() < 0.7, span);
        }

        Assert.InRange(window.Count, 500, 1024);
        Assert.InRange(window.Covered, 0.95 * span, span);
        Assert.InRange(window.Duty, 0.6, 0.8);
    }

    [Fact]
    public void An_empty_window_has_no_duty_and_covers_nothing() =>
        Assert.Equal((0, 0d, TimeSpan.Zero), (new BitWindow().Count, new BitWindow().Duty, new BitWindow().Covered));
}
