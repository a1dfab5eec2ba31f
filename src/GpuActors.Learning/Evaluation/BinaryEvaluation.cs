namespace GpuActors.Learning.Evaluation;

/// <summary>
/// Quality measures of predicted probabilities of a rare event, to be computed on rows that were not used for training. If only one row in
/// a thousand is a failure, ROC-AUC alone overestimates the quality; PR-AUC, lift and calibration error measure what matters to an
/// operator.
/// </summary>
/// <param name="Rows">Number of evaluated rows.</param>
/// <param name="Positives">Number of rows in which the event occurred.</param>
/// <param name="RocAuc">Area under the ROC curve, 0 to 1: the probability that a positive row has a higher score than a negative one, where
/// ties count half. Random scores give 0.5. NaN if a class has no rows.</param>
/// <param name="PrAuc">Average precision, 0 to 1. Random scores give the base rate. NaN without positives.</param>
/// <param name="LiftTopPercent">Rate of positives among the rows with the 1% highest scores (at least one row), divided by the base rate.
/// NaN without positives.</param>
/// <param name="CalibrationError">Expected calibration error over ten bins of equal size, 0 to 1; 0 means perfectly calibrated.</param>
public sealed record BinaryEvaluation(int Rows, int Positives, double RocAuc, double PrAuc, double LiftTopPercent, double CalibrationError)
{
    private const int Bins = 10;

    /// <summary>Mean squared difference of probability and outcome (Brier 1950), 0 to 1; 0 is best. NaN without rows.</summary>
    public required double Brier { get; init; }

    /// <summary>
    /// One minus the ratio of <see cref="Brier"/> to that of the base rate as a constant prediction: 1 is best, 0 and below is no better
    /// than the constant. NaN if a class has no rows.
    /// </summary>
    public required double BrierSkill { get; init; }

    /// <summary>
    /// Slope of a logistic regression of the outcomes on the logits of the probabilities: 1 is best, below 1 they are too extreme. NaN if a
    /// class has no rows.
    /// </summary>
    public required double CalibrationSlope { get; init; }

    /// <summary>Events over the sum of the probabilities among the rows with the 1% highest; 1 is best. NaN without rows.</summary>
    public required double ObservedToExpectedTopPercent { get; init; }

    /// <summary>The same among the rows with the 10% highest.</summary>
    public required double ObservedToExpectedTopTenth { get; init; }

    /// <summary>The threshold with the highest F1, found on these rows, so that a threshold in use will do somewhat worse.</summary>
    public required Decision Best { get; init; }

    /// <summary>Share of positives, 0 to 1; NaN without rows.</summary>
    public double BaseRate => Rows == 0 ? double.NaN : (double)Positives / Rows;

    /// <summary>Compares predicted probabilities with the observed outcomes.</summary>
    /// <param name="probabilities">Predicted probabilities, 0 to 1, one per row.</param>
    /// <param name="outcomes">Whether the event occurred, one per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a probability is NaN or outside 0 to 1.</exception>
    public static BinaryEvaluation Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> outcomes)
    {
        if (probabilities.Length != outcomes.Length)
        {
            throw new ArgumentException(
                $"There are {probabilities.Length} probabilities and {outcomes.Length} outcomes: there must be one outcome per probability",
                nameof(outcomes)
            );
        }

        foreach (var p in probabilities)
        {
            if (p is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"probability = {p}: it must be from 0 to 1", nameof(probabilities));
            }
        }

        var scores = probabilities.ToArray();
        var labels = outcomes.ToArray();
        Array.Sort(scores, labels);
        Array.Reverse(scores);
        Array.Reverse(labels);
        var positives = labels.Count(l => l);
        var rate = (double)positives / scores.Length;
        var brier = BrierOf(scores, labels);
        return new BinaryEvaluation(
            scores.Length,
            positives,
            Roc(scores, labels, positives),
            Precision(scores, labels, positives),
            Lift(scores, labels, positives),
            CalibrationErrorOf(scores, labels)
        )
        {
            Brier = brier,
            BrierSkill = 1 - brier / (rate * (1 - rate)),
            CalibrationSlope = Slope(scores, labels, positives),
            ObservedToExpectedTopPercent = ObservedToExpected(scores, labels, 100),
            ObservedToExpectedTopTenth = ObservedToExpected(scores, labels, 10),
            Best = BestDecision(scores, labels, positives),
        };
    }

    private static double BrierOf(float[] scores, bool[] labels)
    {
        double sum = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var error = scores[i] - (labels[i] ? 1.0 : 0.0);
            sum += error * error;
        }

        return sum / scores.Length;
    }

    private static double Slope(float[] scores, bool[] labels, int positives)
    {
        if (positives == 0 || positives == labels.Length)
        {
            return double.NaN;
        }

        // A probability of 0 or 1 has no logit; it is taken as nearly that.
        const double Nearly = 1e-7;
        var logits = Array.ConvertAll(
            scores,
            p =>
            {
                var q = Math.Clamp(p, Nearly, 1 - Nearly);
                return Math.Log(q / (1 - q));
            }
        );
        return Calibration.Fit(logits, labels, prior: 0).Slope;
    }

    private static double ObservedToExpected(float[] scores, bool[] labels, int part)
    {
        if (scores.Length == 0)
        {
            return double.NaN;
        }

        var top = Math.Max(1, scores.Length / part);
        double expected = 0,
            observed = 0,
            seen = 0;
        var row = 0;
        foreach (var (positives, negatives) in Ties(scores, labels))
        {
            var size = positives + negatives;
            var take = Math.Min(size, top - seen);
            observed += positives * (take / size);
            expected += scores[row] * take;
            seen += take;
            row += size;
            if (seen >= top)
            {
                break;
            }
        }

        return observed / expected;
    }

    private static Decision BestDecision(float[] scores, bool[] labels, int positives)
    {
        var best = new Decision(1, 0, 0, positives, labels.Length - positives);
        int hits = 0,
            seen = 0;
        foreach (var (tiePositives, tieNegatives) in Ties(scores, labels))
        {
            hits += tiePositives;
            seen += tiePositives + tieNegatives;
            var decision = new Decision(scores[seen - 1], hits, seen - hits, positives - hits, labels.Length - positives - (seen - hits));
            best = decision.F1 > best.F1 ? decision : best;
        }

        return best;
    }

    private static double Roc(float[] scores, bool[] labels, int positives)
    {
        var negatives = labels.Length - positives;
        if (positives == 0 || negatives == 0)
        {
            return double.NaN;
        }

        double pairsWon = 0;
        long positivesAbove = 0;
        foreach (var (tiePositives, tieNegatives) in Ties(scores, labels))
        {
            pairsWon += tieNegatives * (positivesAbove + tiePositives / 2.0);
            positivesAbove += tiePositives;
        }

        return pairsWon / ((double)positives * negatives);
    }

    private static double Precision(float[] scores, bool[] labels, int positives)
    {
        if (positives == 0)
        {
            return double.NaN;
        }

        double sum = 0;
        long hits = 0,
            seen = 0;
        foreach (var (tiePositives, tieNegatives) in Ties(scores, labels))
        {
            hits += tiePositives;
            seen += tiePositives + tieNegatives;
            sum += tiePositives * ((double)hits / seen);
        }

        return sum / positives;
    }

    // If rows with equal scores cross the boundary of the top percent, their average is used, so that the order of equal scores does not
    // affect the result.
    private static double Lift(float[] scores, bool[] labels, int positives)
    {
        if (positives == 0)
        {
            return double.NaN;
        }

        var top = Math.Max(1, scores.Length / 100);
        double hits = 0;
        var seen = 0;
        foreach (var (tiePositives, tieNegatives) in Ties(scores, labels))
        {
            var size = tiePositives + tieNegatives;
            var take = Math.Min(size, top - seen);
            hits += tiePositives * ((double)take / size);
            seen += take;
            if (seen == top)
            {
                break;
            }
        }

        return hits / top / ((double)positives / scores.Length);
    }

    private static double CalibrationErrorOf(float[] scores, bool[] labels)
    {
        double error = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            var from = (int)((long)scores.Length * bin / Bins);
            var to = (int)((long)scores.Length * (bin + 1) / Bins);
            double predicted = 0,
                observed = 0;
            for (var i = from; i < to; i++)
            {
                predicted += scores[i];
                observed += labels[i] ? 1 : 0;
            }

            error += Math.Abs(predicted - observed);
        }

        return scores.Length == 0 ? 0 : error / scores.Length;
    }

    private static IEnumerable<(int Positives, int Negatives)> Ties(float[] scores, bool[] labels)
    {
        for (var i = 0; i < scores.Length; )
        {
            int positives = 0,
                negatives = 0;
            var score = scores[i];
            for (; i < scores.Length && scores[i] == score; i++)
            {
                if (labels[i])
                {
                    positives++;
                }
                else
                {
                    negatives++;
                }
            }

            yield return (positives, negatives);
        }
    }
}
