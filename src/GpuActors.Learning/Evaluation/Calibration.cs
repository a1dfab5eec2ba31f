namespace GpuActors.Learning.Evaluation;

/// <summary>
/// Corrects the margins of a model by a line, so that probabilities agree with observed rates (Platt 1999): the calibrated margin is
/// <c>Slope * margin + Intercept</c>.
/// </summary>
/// <param name="Slope">Factor; 1 changes nothing, below 1 brings overconfident probabilities nearer to the mean.</param>
/// <param name="Intercept">Summand, in logits.</param>
public readonly record struct Calibration(double Slope, double Intercept)
{
    private const int Iterations = 50;

    /// <summary>Changes nothing.</summary>
    public static Calibration None { get; } = new(1, 0);

    /// <summary>The calibrated probability of a margin.</summary>
    public double Probability(double margin) => 1 / (1 + Math.Exp(-(Slope * margin + Intercept)));

    /// <summary>
    /// The line with the highest likelihood, by Newton's method.
    /// </summary>
    /// <param name="margins">Margins of rows that the model was not trained on.</param>
    /// <param name="outcomes">Whether the event occurred, one per row.</param>
    /// <param name="weights">How many rows each stands for; empty if each stands for one.</param>
    /// <param name="prior">Weight of the prior that the slope is 1: the inverse of its variance, 0 for none. The default, a standard
    /// deviation of 0.5, keeps the slope near 1 when there are few events.</param>
    public static Calibration Fit(
        ReadOnlySpan<double> margins,
        ReadOnlySpan<bool> outcomes,
        ReadOnlySpan<double> weights = default,
        double prior = 4
    )
    {
        if (margins.Length != outcomes.Length || (weights.Length > 0 && weights.Length != margins.Length))
        {
            throw new ArgumentException(
                $"There are {margins.Length} margins, {outcomes.Length} outcomes and {weights.Length} weights",
                nameof(outcomes)
            );
        }

        if (margins.Length == 0)
        {
            return None;
        }

        // Margins are centred so that slope and intercept hardly depend on each other, which keeps the steps stable.
        double centre = 0,
            sum = 0;
        for (var row = 0; row < margins.Length; row++)
        {
            var stands = weights.Length > 0 ? weights[row] : 1;
            centre += stands * margins[row];
            sum += stands;
        }

        centre /= sum;
        double slope = 1,
            offset = centre;
        for (var i = 0; i < Iterations; i++)
        {
            double g0 = 0,
                g1 = -prior * (slope - 1),
                h00 = 1e-9,
                h01 = 0,
                h11 = prior + 1e-9;
            for (var row = 0; row < margins.Length; row++)
            {
                var x = margins[row] - centre;
                var p = 1 / (1 + Math.Exp(-(slope * x + offset)));
                var stands = weights.Length > 0 ? weights[row] : 1;
                var error = stands * ((outcomes[row] ? 1 : 0) - p);
                var weight = stands * p * (1 - p);
                g0 += error;
                g1 += error * x;
                h00 += weight;
                h01 += weight * x;
                h11 += weight * x * x;
            }

            var determinant = h00 * h11 - h01 * h01;
            var stepOffset = Math.Clamp((h11 * g0 - h01 * g1) / determinant, -2, 2);
            var stepSlope = Math.Clamp((h00 * g1 - h01 * g0) / determinant, -0.5, 0.5);
            offset += stepOffset;
            slope += stepSlope;
            if (Math.Abs(stepOffset) + Math.Abs(stepSlope) < 1e-10)
            {
                break;
            }
        }

        // A negative slope would turn the order of the GPUs around: then the model has learnt nothing, and the mean rate remains.
        slope = Math.Max(slope, 0);
        return new Calibration(slope, offset - slope * centre);
    }
}
