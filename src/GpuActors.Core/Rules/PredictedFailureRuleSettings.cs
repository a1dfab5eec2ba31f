namespace GpuActors.Core.Rules;

/// <summary>Settings of <see cref="RuleCatalog.PredictedFailure"/>.</summary>
public sealed record PredictedFailureRuleSettings : AlertRuleSettings
{
    /// <summary>Probability of a failure within 30 days from which the alert opens, above 0 to 1. Default 0.3.</summary>
    public double MinProbability { get; init; } = 0.3;

    /// <summary>Probability below which it resolves, at most <see cref="MinProbability"/>. Default 0.2.</summary>
    public double ClearProbability { get; init; } = 0.2;

    /// <summary>
    /// Probability of a failure within 7 days from which the alert recommends to drain and test the GPU. Default 0.3.
    /// </summary>
    public double DrainProbability { get; init; } = 0.3;

    /// <summary>
    /// Probability of a failure within 30 days from which it recommends to order a part, below it to watch the GPU. Default 0.7.
    /// </summary>
    public double OrderProbability { get; init; } = 0.7;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var error in base.Validate())
        {
            yield return error;
        }

        if (!(MinProbability is > 0 and <= 1 && ClearProbability >= 0 && ClearProbability <= MinProbability))
        {
            yield return $"min-probability = {MinProbability}, clear-probability = {ClearProbability}: must be "
                + "0 <= clear-probability <= min-probability <= 1, and min-probability above 0";
        }

        if (DrainProbability is not (>= 0 and <= 1) || OrderProbability is not (>= 0 and <= 1))
        {
            yield return $"drain-probability = {DrainProbability}, order-probability = {OrderProbability}: must be from 0 to 1";
        }
    }
}
