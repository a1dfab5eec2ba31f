using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuActors.Core.Histories;
using GpuActors.Learning.Histories;

namespace GpuActors.Learning.Tests.Histories;

public sealed class HistoryFeaturesTests
{
    private const long Day = 86_400_000;

    [Fact]
    public void A_vector_holds_ages_place_and_failures_up_to_the_cut()
    {
        var gpus = GpuHistory.Of([
            new LifeSpan("A", "c11-2c1s4n1", 0, 100 * Day, "DBE"),
            new LifeSpan("A", "c3-4c2s1n0", 110 * Day, 150 * Day, "OTB"),
            new LifeSpan("A", "c3-4c2s1n0", 150 * Day, null, null),
            new LifeSpan("B", "c1", 0, null, null),
        ]);
        var features = new HistoryFeatures(gpus);

        var rows = Rows(features, 155 * Day);

        Assert.Equal(155, rows[0][Index(features, "age_days")]);
        Assert.Equal(5, rows[0][Index(features, "location_days")]);
        Assert.Equal(5, rows[0][Index(features, "days_since_failure")]);
        Assert.Equal(2, rows[0][Index(features, "failures_90d")]);
        Assert.Equal(0.5f, rows[0][Index(features, "fleet_failures_per_gpu_30d")]);
        Assert.Equal(1, rows[0][Index(features, "cohort_failures_per_gpu_180d")]);
        Assert.Equal(1, rows[0][Index(features, "failures_dbe")]);
        Assert.Equal(1, rows[0][Index(features, "failures_otb")]);
        Assert.Equal([3, 4, 2, 1, 0], rows[0][Index(features, "location_1")..]);
        Assert.Equal(float.NaN, rows[1][Index(features, "days_since_failure")]);
        Assert.Equal([1, float.NaN, float.NaN, float.NaN, float.NaN], rows[1][Index(features, "location_1")..]);
    }

    [Fact]
    public void A_cohort_that_fails_more_often_than_the_fleet_shows_it()
    {
        var old = Enumerable.Range(0, 80).Select(i => new LifeSpan($"A{i}", "", 0, i < 40 ? 950 * Day : null, i < 40 ? "DBE" : null));
        var young = Enumerable.Range(0, 80).Select(i => new LifeSpan($"B{i}", "", 500 * Day, null, null));
        var features = new HistoryFeatures(GpuHistory.Of([.. old, .. young]));

        var rows = Rows(features, 1000 * Day);

        // 40 failures of the 40 old GPUs that are left, none of the 80 young ones; the fleet's 40 / 120 weighs as 20 GPUs.
        var rate = Index(features, "cohort_failures_per_gpu_180d");
        Assert.Equal((40 + 20 / 3f) / 60, rows[0][rate], 1e-6f);
        Assert.Equal(20 / 3f / 100, rows[^1][rate], 1e-6f);
    }

    [Fact]
    public void A_gpu_that_is_not_in_service_has_no_vector()
    {
        var features = new HistoryFeatures(GpuHistory.Of([new LifeSpan("A", "", 10 * Day, 20 * Day, null)]));

        Assert.Empty(Rows(features, 9 * Day));
        Assert.Single(Rows(features, 10 * Day));
        Assert.Empty(Rows(features, 20 * Day));
    }

    [Property]
    public Property Nothing_after_the_cut_changes_a_vector() =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            seed =>
            {
                var random = new Random(seed);
                var cut = random.Next(100, 900) * Day;
                var log = Enumerable.Range(0, 40).SelectMany(i => Life(random, $"G{i}")).ToList();
                var changed = log.Where(span => !(span.InsertedMs > cut)).Select(span => Future(random, span, cut)).ToList();

                var before = Rows(new HistoryFeatures(GpuHistory.Of(log)), cut);
                var after = Rows(new HistoryFeatures(GpuHistory.Of([.. changed, .. Kinds()])), cut);

                return before.Count == after.Count && before.Zip(after).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
            }
        );

    // The kinds of failure and the numbers of a location that exist at all are the form of the vector, and always known here.
    private static LifeSpan[] Kinds() => [new("Z", "c1s2", null, 2000 * Day, "DBE"), new("Z", "c1s2", null, 2000 * Day, "OTB")];

    private static IEnumerable<LifeSpan> Life(Random random, string gpu)
    {
        foreach (var kind in gpu == "G0" ? Kinds() : [])
        {
            yield return kind;
        }

        var at = random.Next(0, 500) * Day;
        for (var i = 0; i < random.Next(1, 5); i++)
        {
            var end = at + random.Next(1, 400) * Day;
            var failure = random.Next(3) switch
            {
                0 => "DBE",
                1 => "OTB",
                _ => null,
            };
            yield return new LifeSpan(gpu, $"c{random.Next(9)}s{random.Next(9)}", at, end, failure);
            at = end + random.Next(0, 20) * Day;
        }
    }

    private static LifeSpan Future(Random random, LifeSpan span, long cut)
    {
        if (span.RemovedMs <= cut || span.InsertedMs is null)
        {
            return span;
        }

        return span with
        {
            RemovedMs = cut + random.Next(1, 400) * Day,
            Event = random.Next(2) == 0 ? "DBE" : null,
        };
    }

    private static List<float[]> Rows(HistoryFeatures features, long cut)
    {
        var rows = new List<float[]>();
        features.AtCut(cut, (_, values) => rows.Add(values.ToArray()));
        return rows;
    }

    private static int Index(HistoryFeatures features, string name) => features.Names.ToList().IndexOf(name);
}
