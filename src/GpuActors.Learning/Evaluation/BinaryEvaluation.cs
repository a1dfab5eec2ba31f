namespace GpuActors.Learning.Evaluation;

/// <summary>
/// How good probabilities of a rare event are, measured on rows the model has not seen. With failures at one in a thousand, ROC-AUC alone
/// flatters: PR-AUC, lift and calibration error say what an operator would notice.
/// </summary>
/// <param name="Rows">Rows evaluated.</param>
/// <param name="Positives">Rows in which the event happened.</param>
/// <param name="RocAuc">Chance that a positive row scores above a negative one, ties half: 0 to 1, 0.5 is guessing. NaN without both
/// classes.</param>
/// <param name="PrAuc">Average precision: 0 to 1, the base rate is guessing. NaN without positives.</param>
/// <param name="LiftTopPercent">Rate of positives among the 1% highest scores (at least one row) over the base rate. NaN without
/// positives.</param>
/// <param name="CalibrationError">Expected calibration error over ten bins of equal size: 0 is perfect.</param>
public sealed record BinaryEvaluation(int Rows, int Positives, double RocAuc, double PrAuc, double LiftTopPercent, double CalibrationError)
{
    private const int Bins = 10;

    /// <summary>Share of positives; NaN without rows.</summary>
    public double BaseRate => Rows == 0 ? double.NaN : (double)Positives / Rows;

    /// <summary>Evaluates <paramref name="probabilities"/> against what happened.</summary>
    /// <param name="probabilities">Predicted probabilities, 0 to 1.</param>
    /// <param name="happened">Whether the event happened, row by row.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a probability is NaN or outside 0 to 1.</exception>
    public static BinaryEvaluation Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> happened)
    {
        if (probabilities.Length != happened.Length)
        {
            throw new ArgumentException($"{probabilities.Length} probabilities for {happened.Length} outcomes", nameof(happened));
        }

        foreach (var p in probabilities)
        {
            if (p is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"{p} is no probability: 0 to 1 is wanted", nameof(probabilities));
            }
        }

        var scores = probabilities.ToArray();
        var labels = happened.ToArray();
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

    // Rows tied at the edge of the top count by their average, so that the order among equals does not matter.
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
