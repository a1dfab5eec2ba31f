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
                        if (time >= now || all.Count == 0)
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

    [Fact]
    public void A_fast_exporter_does_not_make_it_grow_without_bound()
    {
        var window = new BitWindow();
        for (var i = 0; i < 10_000; i++)
        {
            window.Add(Given.NoonMs + (i * 10), true, Span);
        }

        Assert.Equal((1024, 1024, 1d), (window.Count, window.Set, window.Duty));
    }

    [Fact]
    public void An_empty_window_has_no_duty_and_covers_nothing() =>
        Assert.Equal((0, 0d, TimeSpan.Zero), (new BitWindow().Count, new BitWindow().Duty, new BitWindow().Covered));
}
