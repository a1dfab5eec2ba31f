namespace GpuActors.Learning.Evaluation;

/// <summary>What happens if every row with a probability of at least a threshold is acted on.</summary>
/// <param name="Threshold">The threshold, 0 to 1.</param>
/// <param name="TruePositives">Rows acted on in which the event occurred.</param>
/// <param name="FalsePositives">Rows acted on in which it did not.</param>
/// <param name="FalseNegatives">Rows not acted on in which it occurred.</param>
/// <param name="TrueNegatives">Rows not acted on in which it did not.</param>
public sealed record Decision(float Threshold, int TruePositives, int FalsePositives, int FalseNegatives, int TrueNegatives)
{
    /// <summary>Share of the rows acted on in which the event occurred, 0 to 1; NaN if there are none.</summary>
    public double Precision => Share(TruePositives, FalsePositives);

    /// <summary>Share of the events that were acted on, 0 to 1; NaN without events.</summary>
    public double Recall => Share(TruePositives, FalseNegatives);

    /// <summary>Harmonic mean of precision and recall, 0 to 1; 0 if no event was acted on.</summary>
    public double F1 => TruePositives == 0 ? 0 : 2.0 * TruePositives / (2.0 * TruePositives + FalsePositives + FalseNegatives);

    private static double Share(int part, int rest) => part + rest == 0 ? double.NaN : (double)part / (part + rest);
}
