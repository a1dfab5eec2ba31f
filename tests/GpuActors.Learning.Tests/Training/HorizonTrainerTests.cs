using GpuActors.Learning.Evaluation;
using GpuActors.Learning.Training;
using GpuActors.Prediction;
using GpuActors.Testing;

namespace GpuActors.Learning.Tests.Training;

public sealed class HorizonTrainerTests
{
    private const long Day = 86_400_000;
    private static readonly HorizonTrainingSettings Settings = new() { Booster = new BoosterSettings { Trees = 40 } };

    public HorizonTrainerTests() => ServerRequirement.Require(LightGbmBooster.Problem);

    [SkippableFact]
    public void A_longer_horizon_never_has_a_lower_probability()
    {
        var table = Fleet(seed: 1);
        using var model = HorizonTrainer.Train(table, 400 * Day, Settings, null, default);

        var p = model.Predict(All(table));

        for (var row = 0; row < table.Rows; row++)
        {
            Assert.InRange(p[0][row], 0, p[1][row]);
            Assert.InRange(p[1][row], p[0][row], p[2][row]);
            Assert.InRange(p[2][row], p[1][row], 1);
        }
    }

    [SkippableFact]
    public void The_model_finds_the_gpus_at_risk_and_its_probabilities_agree_with_the_rates()
    {
        var table = Fleet(seed: 2);
        using var model = HorizonTrainer.Train(table, 400 * Day, Settings, null, default);

        foreach (var horizon in HorizonEvaluation.Of(model, table, 400 * Day, 800 * Day, RemovalTreatment.LeavesRiskSet))
        {
            Assert.InRange(horizon.Model.RocAuc, 0.7, 1);
            Assert.InRange(horizon.MeanPrediction / horizon.Model.BaseRate, 0.75, 1.33);
        }
    }

    [SkippableFact]
    public void The_onnx_graph_gives_the_probabilities_of_the_trainer()
    {
        var table = Fleet(seed: 3);
        using var model = HorizonTrainer.Train(table, 400 * Day, Settings, null, default);
        var values = All(table);
        values[3] = float.NaN;
        var expected = model.Predict(values);

        using var scorer = OnnxScorer.Load(HorizonOnnx.Write(model));
        var scores = scorer.Score(values);

        for (var row = 0; row < table.Rows; row++)
        {
            for (var horizon = 0; horizon < 3; horizon++)
            {
                Assert.Equal(expected[horizon][row], scores[row * 3 + horizon], 1e-6f);
            }
        }
    }

    [SkippableFact]
    public void The_same_rows_and_seed_give_the_same_file()
    {
        var table = Fleet(seed: 4);
        var two = Settings with { Booster = Settings.Booster with { Threads = 2, FeatureShare = 0.5, RowShare = 0.5 } };
        using var first = HorizonTrainer.Train(table, 400 * Day, two, null, default);
        using var second = HorizonTrainer.Train(table, 400 * Day, two, null, default);

        Assert.Equal(HorizonOnnx.Write(first), HorizonOnnx.Write(second));
    }

    [SkippableFact]
    public void What_happens_after_the_training_does_not_change_the_model()
    {
        var table = Fleet(seed: 5);
        var changed = new TrainingTable(table.Features);
        for (var row = 0; row < table.Rows; row++)
        {
            // Everything that becomes known after day 400 is another truth: then it failed at once, or never.
            var known = table.CutMs(row) + (long)(Math.Min(table.FailureDays(row), table.ObservedDays(row)) * Day) <= 400 * Day;
            var values = table.Values([row]);
            var failure = known ? table.FailureDays(row) : (float)(400 - table.CutMs(row) / Day) + 1;
            changed.Add(table.Gpu(row), table.CutMs(row), values, failure, known ? table.ObservedDays(row) : failure);
        }

        using var first = HorizonTrainer.Train(table, 400 * Day, Settings, null, default);
        using var second = HorizonTrainer.Train(changed, 400 * Day, Settings, null, default);

        Assert.Equal(HorizonOnnx.Write(first), HorizonOnnx.Write(second));
    }

    [SkippableFact]
    public void Shuffled_outcomes_teach_nothing()
    {
        var table = Fleet(seed: 6);
        var random = new Random(6);
        var order = Enumerable.Range(0, table.Rows).OrderBy(_ => random.Next()).ToArray();
        var shuffled = new TrainingTable(table.Features);
        for (var row = 0; row < table.Rows; row++)
        {
            shuffled.Add(table.Gpu(row), table.CutMs(row), table.Values([row]), table.FailureDays(order[row]), 1000);
        }

        using var model = HorizonTrainer.Train(shuffled, 400 * Day, Settings, null, default);

        foreach (var horizon in HorizonEvaluation.Of(model, shuffled, 400 * Day, 800 * Day, RemovalTreatment.LeavesRiskSet))
        {
            Assert.InRange(horizon.Model.PrAuc / horizon.Model.BaseRate, 0.7, 1.4);
        }
    }

    [SkippableFact]
    public void Too_few_failures_are_refused_with_their_number()
    {
        var table = new TrainingTable(["x"]);
        for (var i = 0; i < 100; i++)
        {
            table.Add(i, 0, [i], i < 3 ? 5 : float.PositiveInfinity, 1000);
        }

        var e = Assert.Throws<InvalidOperationException>(() => HorizonTrainer.Train(table, 400 * Day, Settings, null, default));

        Assert.Contains("horizon 7 d: 3 of 100 rows", e.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(0.5, -1)]
    [InlineData(1, 0)]
    [InlineData(1.5, 2)]
    public void A_calibration_finds_the_line_by_which_margins_are_wrong(double slope, double intercept)
    {
        var random = new Random(7);
        var margins = Enumerable.Range(0, 50_000).Select(_ => random.NextDouble() * 6 - 4).ToArray();
        var outcomes = margins.Select(m => random.NextDouble() < new Calibration(slope, intercept).Probability(m)).ToArray();

        var found = Calibration.Fit(margins, outcomes);

        Assert.Equal(slope, found.Slope, 0.05);
        Assert.Equal(intercept, found.Intercept, 0.1);
    }

    [SkippableFact]
    public void A_calibration_never_turns_the_order_around()
    {
        var margins = Enumerable.Range(0, 1000).Select(i => i / 100.0).ToArray();

        Assert.Equal(0, Calibration.Fit(margins, margins.Select(m => m < 5).ToArray()).Slope);
    }

    [SkippableFact]
    public void Curves_go_through_their_ends()
    {
        var curves = EvaluationCurves.Of([0.9f, 0.8f, 0.8f, 0.1f], [true, true, false, false]);

        Assert.Equal([new(0, 0), new(0, 0.5), new(0.5, 1), new(1, 1)], curves.Roc);
        Assert.Equal([new(0.5, 1), new(1, 2 / 3.0), new(1, 0.5)], curves.PrecisionRecall);
    }

    private static float[] All(TrainingTable table) => table.Values([.. Enumerable.Range(0, table.Rows)]);

    // GPUs with a constant hazard that depends on the first feature; a tenth of them is removed at some time.
    private static TrainingTable Fleet(int seed)
    {
        var random = new Random(seed);
        var table = new TrainingTable(["risk", "noise"]);
        for (var gpu = 0; gpu < 1500; gpu++)
        {
            var risk = random.NextDouble();
            var hazard = 0.0002 + 0.006 * risk * risk * risk;
            var failure = -Math.Log(1 - random.NextDouble()) / hazard;
            var removed = random.Next(10) == 0 ? random.Next(800) : 800;
            for (var cut = 0; cut < Math.Min(failure, removed); cut += 28)
            {
                var failed = failure < removed ? (float)(failure - cut) : float.PositiveInfinity;
                table.Add(gpu, cut * Day, [(float)risk, random.NextSingle()], failed, removed - cut);
            }
        }

        return table;
    }
}
