using GpuActors.Learning.Evaluation;

namespace GpuActors.Learning.Training;

/// <summary>
/// Probabilities of a failure within each of <see cref="Horizons"/>. A booster per horizon estimates the probability of a failure
/// in its own part (0 to 7, 7 to 30, 30 to 90 days) for a GPU that has come so far; the probabilities of surviving multiply, so that a
/// longer horizon never has a lower probability.
/// </summary>
/// <param name="Features">Names of the features.</param>
/// <param name="Parts">The boosters, by horizon.</param>
/// <param name="Calibrations">Their calibrations, by horizon.</param>
public sealed record HorizonModel(
    IReadOnlyList<string> Features,
    IReadOnlyList<LightGbmBooster> Parts,
    IReadOnlyList<Calibration> Calibrations
) : IDisposable
{
    /// <summary>Scores rows.</summary>
    /// <param name="values">Features, one row after the other; NaN means missing.</param>
    /// <returns>By horizon the probability of each row, 0 to 1.</returns>
    public float[][] Predict(float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var survival = new double[values.Length / Features.Count];
        Array.Fill(survival, 1);
        var result = new float[Parts.Count][];
        for (var horizon = 0; horizon < Parts.Count; horizon++)
        {
            var margins = Parts[horizon].Margins(values);
            result[horizon] = new float[survival.Length];
            for (var row = 0; row < survival.Length; row++)
            {
                survival[row] *= 1 - Calibrations[horizon].Probability(margins[row]);
                result[horizon][row] = (float)(1 - survival[row]);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in Parts)
        {
            part.Dispose();
        }
    }
}
