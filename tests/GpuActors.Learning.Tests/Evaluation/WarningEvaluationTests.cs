using GpuActors.Learning.Evaluation;
using Row = GpuActors.Learning.Evaluation.WarningEvaluation.Row;

namespace GpuActors.Learning.Tests.Evaluation;

public sealed class WarningEvaluationTests
{
    private const long Day = 86_400_000;

    [Fact]
    public void Warnings_failures_and_lead_times_are_counted_by_GPU()
    {
        Row[] rows =
        [
            // Warned from day 7 on, fails on day 20.
            .. Gpu(1, [0.1f, 0.6f, 0.7f], failsOnDay: 20, untilDay: 400),
            // Warned once without a failure; then a failure without a warning.
            .. Gpu(2, [0.1f, 0.8f, 0.2f, 0.1f], failsOnDay: 150, untilDay: 400),
            // A warning whose outcome is unknown, since the observation ends.
            .. Gpu(3, [0.9f, 0.9f], failsOnDay: double.PositiveInfinity, untilDay: 50),
            // A failure that does not count.
            .. Gpu(4, [0.1f, 0.1f], failsOnDay: 10, untilDay: 400).Select(row => row with { Counts = false }),
        ];

        var evaluation = WarningEvaluation.Of(rows, 0.5);

        Assert.Equal((2, 1), (evaluation.Warnings, evaluation.TrueWarnings));
        Assert.Equal((2, 1, 13), (evaluation.Failures, evaluation.Warned, evaluation.MedianLeadDays));
        Assert.Equal((0.5, 0.5), (evaluation.Precision, evaluation.Recall));
    }

    [Fact]
    public void A_GPU_that_fails_twice_has_two_failures_and_a_warning_each()
    {
        Row[] rows =
        [
            new(1, 0, 0.9f, 5, 300, true),
            new(1, 7 * Day, 0.9f, 10, 293, true), // The first failure was on day 5, the second is on day 17.
            new(1, 21 * Day, 0.1f, float.PositiveInfinity, 279, false),
        ];

        var evaluation = WarningEvaluation.Of(rows, 0.5);

        Assert.Equal((2, 2, 2, 2), (evaluation.Warnings, evaluation.TrueWarnings, evaluation.Failures, evaluation.Warned));
        Assert.Equal(7.5, evaluation.MedianLeadDays);
    }

    [Fact]
    public void Without_rows_nothing_is_known()
    {
        var evaluation = WarningEvaluation.Of([], 0.5);
        Assert.True(double.IsNaN(evaluation.Precision) && double.IsNaN(evaluation.Recall) && double.IsNaN(evaluation.MedianLeadDays));
    }

    [Fact]
    public void A_ratio_of_precisions_lies_in_its_interval_and_is_1_for_the_same_score()
    {
        var random = new Random(5);
        var gpus = Enumerable.Range(0, 4000).Select(row => row / 4).ToArray();
        var outcomes = gpus.Select(gpu => gpu % 20 == 0).ToArray();
        var good = outcomes.Select(outcome => (float)(random.NextDouble() + (outcome ? 0.5 : 0))).ToArray();
        var bad = outcomes.Select(outcome => (float)(random.NextDouble() + (outcome ? 0.1 : 0))).ToArray();

        var same = PrecisionRatio.Of(good, good, outcomes, gpus);
        var worse = PrecisionRatio.Of(bad, good, outcomes, gpus);

        Assert.Equal((1, 1, 1), (same.Ratio, same.Low, same.High));
        Assert.InRange(worse.Ratio, worse.Low, worse.High);
        Assert.True(worse.High < 1);
        var one = BinaryEvaluation.Of(Scaled(bad), outcomes).PrAuc / BinaryEvaluation.Of(Scaled(good), outcomes).PrAuc;
        Assert.Equal(one, worse.Ratio, 1e-9);
    }

    private static float[] Scaled(float[] scores) => Array.ConvertAll(scores, score => score / 2);

    private static IEnumerable<Row> Gpu(int gpu, float[] probabilities, double failsOnDay, double untilDay) =>
        probabilities.Select(
            (p, i) => new Row(gpu, i * 7 * Day, p, (float)(failsOnDay - (i * 7)), (float)(untilDay - (i * 7)), double.IsFinite(failsOnDay))
        );
}
