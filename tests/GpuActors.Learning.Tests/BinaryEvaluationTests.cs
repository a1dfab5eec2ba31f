using FsCheck.Xunit;
using GpuActors.Learning.Evaluation;

namespace GpuActors.Learning.Tests;

public sealed class BinaryEvaluationTests
{
    [Fact]
    public void Perfect_ranking_has_auc_one()
    {
        var e = BinaryEvaluation.Of([0.9f, 0.8f, 0.2f, 0.1f], [true, true, false, false]);

        Assert.Equal(1, e.RocAuc, 12);
        Assert.Equal(1, e.PrAuc, 12);
        Assert.Equal(2, e.LiftTopPercent, 12);
        Assert.Equal(0.5, e.BaseRate, 12);
    }

    [Fact]
    public void Equal_scores_have_the_auc_of_random_scores()
    {
        var e = BinaryEvaluation.Of([0.25f, 0.25f, 0.25f, 0.25f], [true, false, false, false]);

        Assert.Equal(0.5, e.RocAuc, 12);
        Assert.Equal(0.25, e.PrAuc, 12);
        Assert.Equal(1, e.LiftTopPercent, 12);
    }

    [Fact]
    public void One_class_has_no_auc()
    {
        Assert.True(double.IsNaN(BinaryEvaluation.Of([0.1f], [false]).RocAuc));
        Assert.True(double.IsNaN(BinaryEvaluation.Of([0.1f], [false]).PrAuc));
        Assert.True(double.IsNaN(BinaryEvaluation.Of([0.1f], [true]).RocAuc));
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void Values_that_are_not_probabilities_are_rejected(float p) =>
        Assert.Contains(
            "must be from 0 to 1",
            Assert.Throws<ArgumentException>(() => BinaryEvaluation.Of([p], [true])).Message,
            StringComparison.Ordinal
        );

    [Property]
    public void Roc_auc_equals_counting_all_pairs((byte Score, bool Happened)[] rows)
    {
        var scores = rows.Select(r => r.Score / 255f).ToArray();
        var happened = rows.Select(r => r.Happened).ToArray();

        var actual = BinaryEvaluation.Of(scores, happened).RocAuc;

        var pairs = (
            from p in rows
            where p.Happened
            from n in rows
            where !n.Happened
            select p.Score > n.Score ? 1.0
            : p.Score == n.Score ? 0.5
            : 0
        ).ToArray();
        if (pairs.Length == 0)
        {
            Assert.True(double.IsNaN(actual));
        }
        else
        {
            Assert.Equal(pairs.Average(), actual, 9);
        }
    }

    [Property]
    public void The_order_of_rows_does_not_matter((byte Score, bool Happened)[] rows)
    {
        static BinaryEvaluation Of(IEnumerable<(byte Score, bool Happened)> r) =>
            BinaryEvaluation.Of(r.Select(x => x.Score / 255f).ToArray(), r.Select(x => x.Happened).ToArray());

        var forward = Of(rows);
        var backward = Of(rows.Reverse());

        Assert.Equal(forward.RocAuc, backward.RocAuc, 9);
        Assert.Equal(forward.PrAuc, backward.PrAuc, 9);
        Assert.Equal(forward.LiftTopPercent, backward.LiftTopPercent, 9);
    }
}
