using GpuActors.Learning.Training;

namespace GpuActors.Learning.Histories;

/// <summary>Makes rows to learn from out of a life and repair log.</summary>
public static class HistoryTable
{
    private const double DayMs = 86_400_000;

    /// <summary>
    /// Settings for features of a log alone, found by a search on the cuts before 2016-10-01 of the history of Titan (Ostrouchov et al., SC
    /// 2020). Rows are many and alike from cut to cut: one in five of those without failure stands for all.
    /// </summary>
    /// <param name="removals">What removed GPUs count as.</param>
    public static HorizonTrainingSettings Settings(RemovalTreatment removals) =>
        new()
        {
            Booster = new BoosterSettings(),
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
