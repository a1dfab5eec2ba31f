namespace GpuActors.Learning.Evaluation;

/// <summary>The PR-AUC of one score relative to that of another on the same rows, with a bootstrap interval.</summary>
/// <param name="Ratio">The ratio.</param>
/// <param name="Low">2.5% quantile of the ratio over the samples.</param>
/// <param name="High">97.5% quantile.</param>
public readonly record struct PrecisionRatio(double Ratio, double Low, double High)
{
    /// <summary>Compares two scores. Samples are drawn by GPU, because the rows of one GPU resemble each other.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="others">The scores to compare with, one per row.</param>
    /// <param name="outcomes">Whether the event occurred, one per row.</param>
    /// <param name="gpus">The GPU of each row.</param>
    /// <param name="samples">Number of samples.</param>
    /// <param name="seed">Seed of the samples.</param>
    public static PrecisionRatio Of(float[] scores, float[] others, bool[] outcomes, int[] gpus, int samples = 200, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(gpus);
        var numbers = gpus.Distinct().Order().Select((gpu, i) => (gpu, i)).ToDictionary(g => g.gpu, g => g.i);
        var gpuOf = Array.ConvertAll(gpus, gpu => numbers[gpu]);
        var (order, otherOrder) = (Order(scores), Order(others));
        var weights = new int[numbers.Count];
        Array.Fill(weights, 1);
        var ratio = Precision(order, outcomes, gpuOf, weights) / Precision(otherOrder, outcomes, gpuOf, weights);
        var random = new Random(seed);
        var ratios = new double[samples];
        for (var sample = 0; sample < samples; sample++)
        {
            Array.Clear(weights);
            for (var i = 0; i < weights.Length; i++)
            {
                weights[random.Next(weights.Length)]++;
            }

            ratios[sample] = Precision(order, outcomes, gpuOf, weights) / Precision(otherOrder, outcomes, gpuOf, weights);
        }

        Array.Sort(ratios);
        return new PrecisionRatio(ratio, ratios[(int)(0.025 * samples)], ratios[(int)(0.975 * samples)]);
    }

    private static int[] Order(float[] scores)
    {
        var order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort(Array.ConvertAll(scores, score => -score), order);
        return order;
    }

    // Average precision; ties are rare, and their order has no meaning.
    private static double Precision(int[] order, bool[] outcomes, int[] gpus, int[] weights)
    {
        var (rows, hits, sum) = (0L, 0L, 0.0);
        foreach (var row in order)
        {
            var weight = weights[gpus[row]];
            rows += weight;
            if (outcomes[row] && weight > 0)
            {
                hits += weight;
                sum += weight * ((double)hits / rows);
            }
        }

        return sum / hits;
    }
}
