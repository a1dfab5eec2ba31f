namespace GpuActors.Prediction.Tests;

public sealed class OnnxScorerTests
{
    [Fact]
    public void Scores_every_row_of_a_batch()
    {
        using var scorer = OnnxScorer.Load(OnnxBytes.Linear([2, -1, 0.5f], 10));

        var scores = scorer.Score([1, 1, 1, 0, 0, 0, 10, 20, 30]);

        Assert.Equal(3, scorer.FeatureCount);
        Assert.Equal([11.5f, 10f, 25f], scores);
    }

    [Fact]
    public void No_rows_give_no_scores()
    {
        using var scorer = OnnxScorer.Load(OnnxBytes.Linear([1], 0));

        Assert.Empty(scorer.Score([]));
    }

    [Fact]
    public void An_incomplete_row_is_rejected()
    {
        using var scorer = OnnxScorer.Load(OnnxBytes.Linear([1, 2], 0));

        Assert.Contains(
            "must be a multiple of the number of features, 2",
            Assert.Throws<ArgumentException>(() => scorer.Score([1, 2, 3])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Invalid_models_are_rejected_with_their_size() =>
        Assert.Contains("3 bytes", Assert.Throws<InvalidDataException>(() => OnnxScorer.Load([1, 2, 3])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_score_that_is_not_a_number_is_refused_with_its_row()
    {
        using var scorer = OnnxScorer.Load(OnnxBytes.Linear([1], 0));

        var error = Assert.Throws<InvalidDataException>(() => scorer.Score([1, 2, float.NaN]));

        Assert.Contains("row 2 is NaN", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_margins_has_none()
    {
        using var scorer = OnnxScorer.Load(OnnxBytes.Linear([1], 0));

        Assert.False(scorer.HasMargin);
        Assert.Null(scorer.ScoreWithMargins([1]).Margins);
        Assert.Empty(scorer.FeatureNames);
    }
}
