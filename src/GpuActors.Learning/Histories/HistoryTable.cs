using GpuActors.Learning.Training;

namespace GpuActors.Learning.Histories;

/// <summary>Makes rows to learn from out of a life and repair log.</summary>
public static class HistoryTable
{
    private const double DayMs = 86_400_000;

    /// <summary>
    /// Settings for features of a log alone. They were chosen on the history of Titan (Ostrouchov et al., SC 2020): trained on what was
    /// known at the start of 2017, compared on the cuts up to October 2017. Failures are rare: a leaf needs few rows, so that those shortly
    /// after a failure have one, and some weight, so that single failures have none. Rows are alike from cut to cut: one in five of those
    /// without a failure stands for all.
    /// </summary>
    /// <param name="removals">What removed GPUs count as.</param>
    public static HorizonTrainingSettings Settings(RemovalTreatment removals) =>
        new()
        {
            Booster = new BoosterSettings
            {
                LeafHessian = 0.1,
                Lambda = 1,
                FeatureShare = 0.6,
            },
            CalibrationCuts = 6,
            RowsPerSurvivor = 5,
            Removals = removals,
        };

    /// <summary>Adds a row for each GPU in service at each cut.</summary>
    /// <param name="gpus">The fleet.</param>
    /// <param name="cuts">The cuts in Unix milliseconds.</param>
    /// <param name="observedUntilMs">End of observation in Unix milliseconds.</param>
    public static TrainingTable Build(IReadOnlyList<GpuHistory> gpus, IEnumerable<long> cuts, long observedUntilMs)
    {
        ArgumentNullException.ThrowIfNull(gpus);
        ArgumentNullException.ThrowIfNull(cuts);
        var features = new HistoryFeatures(gpus);
        var table = new TrainingTable(features.Names);
        foreach (var cut in cuts)
        {
            features.AtCut(
                cut,
                (index, values) =>
                {
                    var gpu = gpus[index];
                    var before = gpu.FailuresBefore(cut);
                    var failure = before < gpu.Failures.Count ? gpu.Failures[before].TimeMs : long.MaxValue;
                    var removed = Math.Min(gpu.SpanAt(cut)!.RemovedMs ?? long.MaxValue, observedUntilMs);
                    table.Add(
                        index,
                        cut,
                        values,
                        failure == long.MaxValue ? float.PositiveInfinity : (float)((failure - cut) / DayMs),
                        (float)((removed - cut) / DayMs)
                    );
                }
            );
        }

        return table;
    }
}
