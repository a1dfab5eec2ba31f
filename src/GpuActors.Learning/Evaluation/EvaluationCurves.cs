namespace GpuActors.Learning.Evaluation;

/// <summary>Curves of predicted probabilities against outcomes, thinned out for drawing.</summary>
/// <param name="Roc">Points (false positive rate, true positive rate), from (0, 0) to (1, 1).</param>
/// <param name="PrecisionRecall">Points (recall, precision), by ascending recall.</param>
/// <param name="Calibration">Points (mean predicted probability, observed rate) of bins of equal size, ascending.</param>
public sealed record EvaluationCurves(
    IReadOnlyList<CurvePoint> Roc,
    IReadOnlyList<CurvePoint> PrecisionRecall,
    IReadOnlyList<CurvePoint> Calibration
)
{
    private const int Points = 200;
    private const int Bins = 10;

    /// <summary>The curves of predicted probabilities and outcomes, one each per row.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static EvaluationCurves Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> outcomes)
    {
        if (probabilities.Length != outcomes.Length)
        {
            throw new ArgumentException(
                $"There are {probabilities.Length} probabilities and {outcomes.Length} outcomes: there must be one outcome per probability",
                nameof(outcomes)
            );
        }

        var scores = probabilities.ToArray();
        var labels = outcomes.ToArray();
        Array.Sort(scores, labels);
        double positives = labels.Count(l => l),
            negatives = labels.Length - positives;
        var roc = new List<CurvePoint> { new(0, 0) };
        var precision = new List<CurvePoint>();
        double hits = 0,
            seen = 0;
        for (var i = scores.Length - 1; i >= 0; i--)
        {
            hits += labels[i] ? 1 : 0;
            seen++;

            // Rows of one score have no order: a curve has a point only behind the last of them.
            if (i > 0 && scores[i - 1] == scores[i])
            {
                continue;
            }

            var point = new CurvePoint(Share(seen - hits, negatives), Share(hits, positives));
            if (i == 0 || Distance(roc[^1], point) >= 1.0 / Points)
            {
                roc.Add(point);
            }

            if (precision.Count == 0 || i == 0 || Distance(precision[^1], new(point.Y, hits / seen)) >= 1.0 / Points)
            {
                precision.Add(new(point.Y, hits / seen));
            }
        }

        return new EvaluationCurves(roc, precision, Bin(scores, labels));
    }

    private static double Share(double part, double all) => all == 0 ? 0 : part / all;

    private static double Distance(CurvePoint a, CurvePoint b) => Math.Max(Math.Abs(a.X - b.X), Math.Abs(a.Y - b.Y));

    private static List<CurvePoint> Bin(float[] scores, bool[] labels)
    {
        var bins = new List<CurvePoint>();
        for (var bin = 0; bin < Bins; bin++)
        {
            var from = (int)((long)scores.Length * bin / Bins);
            var to = (int)((long)scores.Length * (bin + 1) / Bins);
            if (to > from)
            {
                bins.Add(new(scores[from..to].Average(s => (double)s), labels[from..to].Count(l => l) / (double)(to - from)));
            }
        }

        return bins;
    }
}
