using System.Globalization;
using FsCheck.Xunit;
using GpuActors.Learning.Evaluation;
using GpuActors.Testing;

namespace GpuActors.Learning.Tests;

public sealed class BinaryEvaluationTests
{
    [SkippableFact]
    public void The_measures_are_those_of_scikit_learn()
    {
        var python = PythonInterpreter.With("sklearn");
        ServerRequirement.Require(python is null ? "no Python imports sklearn: install python3-sklearn or set GPUACTORS_PYTHON" : null);
        var random = new Random(1);
        var p = Enumerable.Range(0, 5000).Select(_ => MathF.Round(random.NextSingle() * random.NextSingle(), 3)).ToArray();
        p = Array.ConvertAll(p, v => Math.Clamp(v, 0.001f, 0.999f));
        var happened = Array.ConvertAll(p, v => random.NextDouble() < 0.1 + 0.5 * v);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, p.Zip(happened, (v, y) => FormattableString.Invariant($"{(double)v:R},{(y ? 1 : 0)}")));
            var (code, output) = python!.Run(Path.Combine(AppContext.BaseDirectory, "judge.py"), file);
            Assert.True(code == 0, output);
            var judged = output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('='))
                .ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

            var e = BinaryEvaluation.Of(p, happened);

            Assert.Equal(judged["roc_auc"], e.RocAuc, 9);
            Assert.Equal(judged["average_precision"], e.PrAuc, 9);
            Assert.Equal(judged["brier"], e.Brier, 9);
            Assert.Equal(judged["slope"], e.CalibrationSlope, 3);
            Assert.Equal(judged["best_f1"], e.Best.F1, 9);
            Assert.Equal(judged["precision"], e.Best.Precision, 9);
            Assert.Equal(judged["recall"], e.Best.Recall, 9);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_constant_at_the_base_rate_has_no_skill_and_is_calibrated()
    {
        var e = BinaryEvaluation.Of([0.25f, 0.25f, 0.25f, 0.25f], [true, false, false, false]);

        Assert.Equal(0, e.BrierSkill, 12);
        Assert.Equal(1, e.ObservedToExpectedTopPercent, 12);
        Assert.Equal(1, e.ObservedToExpectedTopTenth, 12);
        Assert.Equal(new Decision(0.25f, 1, 3, 0, 0), e.Best);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_calibration_slope_shows_how_much_too_extreme_probabilities_are(double slope)
    {
        var random = new Random(2);
        var logits = Enumerable.Range(0, 40_000).Select(_ => random.NextDouble() * 4 - 3).ToArray();
        var probabilities = Array.ConvertAll(logits, l => (float)(1 / (1 + Math.Exp(-l))));
        var happened = Array.ConvertAll(logits, l => random.NextDouble() < 1 / (1 + Math.Exp(-slope * l)));

        Assert.Equal(slope, BinaryEvaluation.Of(probabilities, happened).CalibrationSlope, 0.08);
    }

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
