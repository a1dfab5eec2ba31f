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
        return new BinaryEvaluation(
            scores.Length,
            positives,
            Roc(scores, labels, positives),
            Precision(scores, labels, positives),
            Lift(scores, labels, positives),
            Calibration(scores, labels)
        );
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

    private static double Calibration(float[] scores, bool[] labels)
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
