using GpuActors.Learning.Evaluation;

namespace GpuActors.Learning.Training;

/// <summary>The quality of a <see cref="HorizonModel"/> for one horizon, on rows after those that it was trained on.</summary>
/// <param name="Days">The horizon.</param>
/// <param name="Model">Quality of the model.</param>
/// <param name="MeanPrediction">Mean predicted probability; to compare with the base rate.</param>
/// <param name="Curves">Its curves.</param>
public sealed record HorizonEvaluation(float Days, BinaryEvaluation Model, double MeanPrediction, EvaluationCurves Curves)
{
    private const long DayMs = 86_400_000;

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
        var predictions = model.Predict(table.Values(later));
        var result = new List<HorizonEvaluation>();
        for (var horizon = 0; horizon < Horizons.Days.Count; horizon++)
        {
            var days = Horizons.Days[horizon];
            var probabilities = new List<float>();
            var outcomes = new List<bool>();
            for (var i = 0; i < later.Count; i++)
            {
                var row = later[i];
                var known = removals == RemovalTreatment.NoFailure || table.FailureDays(row) <= days || table.ObservedDays(row) >= days;
                if (known && table.CutMs(row) + (long)(days * DayMs) <= knownUntilMs)
                {
                    probabilities.Add(predictions[horizon][i]);
                    outcomes.Add(table.FailureDays(row) <= days);
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
