using GpuActors.Learning.Evaluation;

namespace GpuActors.Learning.Training;

/// <summary>The quality of a <see cref="HorizonModel"/> for one horizon, on rows after those that it was trained on.</summary>
/// <param name="Days">The horizon.</param>
/// <param name="Model">Quality of the model.</param>
/// <param name="MeanPrediction">Mean predicted probability; to compare with the base rate.</param>
/// <param name="Curves">Its curves.</param>
public sealed record HorizonEvaluation(float Days, BinaryEvaluation Model, double MeanPrediction, EvaluationCurves Curves)
{
    /// <summary>Evaluates all horizons.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">Rows of the fleet.</param>
    /// <param name="fromMs">First cut to evaluate, in Unix milliseconds: outcomes of the training must end before.</param>
    /// <param name="knownUntilMs">Time up to which outcomes are known: cuts whose horizon ends later are left out.</param>
    /// <param name="removals">What removed GPUs count as.</param>
    /// <exception cref="InvalidOperationException">No row can be evaluated; the message names the horizon.</exception>
    public static IReadOnlyList<HorizonEvaluation> Of(
        HorizonModel model,
        TrainingTable table,
        long fromMs,
        long knownUntilMs,
        RemovalTreatment removals
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var later = Enumerable.Range(0, table.Rows).Where(row => table.CutMs(row) >= fromMs).ToList();
        return Of(model.Predict(table.Values(later)), later, table, knownUntilMs, removals);
    }

    /// <summary>Evaluates predictions.</summary>
    /// <param name="predictions">By horizon the probability of each of the rows.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="table">The table that they are of.</param>
    /// <param name="knownUntilMs">Time up to which outcomes are known: cuts whose horizon ends later are left out.</param>
    /// <param name="removals">What removed GPUs count as.</param>
    /// <exception cref="InvalidOperationException">No row can be evaluated; the message names the horizon.</exception>
    public static IReadOnlyList<HorizonEvaluation> Of(
        IReadOnlyList<float[]> predictions,
        IReadOnlyList<int> rows,
        TrainingTable table,
        long knownUntilMs,
        RemovalTreatment removals
    )
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(table);
        var result = new List<HorizonEvaluation>();
        for (var horizon = 0; horizon < Horizons.Days.Count; horizon++)
        {
            var days = Horizons.Days[horizon];
            var probabilities = new List<float>();
            var outcomes = new List<bool>();
            for (var i = 0; i < rows.Count; i++)
            {
                if (table.IsKnown(rows[i], days, knownUntilMs, removals))
                {
                    probabilities.Add(predictions[horizon][i]);
                    outcomes.Add(table.FailureDays(rows[i]) <= days);
                }
            }

            if (probabilities.Count == 0)
            {
                throw new InvalidOperationException($"horizon {days} d: no cut after the training has a known outcome");
            }

            var (p, o) = (probabilities.ToArray(), outcomes.ToArray());
            result.Add(new HorizonEvaluation(days, BinaryEvaluation.Of(p, o), p.Average(v => (double)v), EvaluationCurves.Of(p, o)));
        }

        return result;
    }
}
