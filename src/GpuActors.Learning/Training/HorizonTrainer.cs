using GpuActors.Learning.Evaluation;

namespace GpuActors.Learning.Training;

/// <summary>Trains a <see cref="HorizonModel"/>.</summary>
public static class HorizonTrainer
{
    private const uint Folds = 2;

    /// <summary>Trains on the cuts whose horizon ended before a time.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="knownUntilMs">Time up to which outcomes are known, in Unix milliseconds. A part is trained on the cuts from which its
    /// whole horizon had passed by then, whatever the outcome: to drop only late rows without failure would inflate the risk.</param>
    /// <param name="settings">How to train.</param>
    /// <param name="progress">Called with the part, 0 to 2, and the number of its finished trees; may be null.</param>
    /// <param name="cancellationToken">Ends the training between two trees.</param>
    /// <exception cref="InvalidOperationException">There are too few cuts or failures; the message names the horizon.</exception>
    public static HorizonModel Train(
        TrainingTable table,
        long knownUntilMs,
        HorizonTrainingSettings settings,
        Action<int, int>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(settings);
        var parts = new List<LightGbmBooster>();
        var calibrations = new List<Calibration>();
        try
        {
            for (var horizon = 0; horizon < Horizons.Days.Count; horizon++)
            {
                var part = horizon;
                var rows = Rows(table, knownUntilMs, settings, horizon);
                parts.Add(Fit(table, rows, settings, horizon, progress is null ? null : trees => progress(part, trees), cancellationToken));
                calibrations.Add(Calibrate(table, rows, settings, horizon, cancellationToken));
            }

            return new HorizonModel(table.Features, parts, calibrations);
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <summary>Whether the event occurred within a horizon, for rows that had come to its part.</summary>
    private static bool[] Outcomes(TrainingTable table, List<int> rows, int horizon) =>
        [.. rows.Select(row => table.FailureDays(row) <= Horizons.Days[horizon])];

    private static LightGbmBooster Fit(
        TrainingTable table,
        List<int> rows,
        HorizonTrainingSettings settings,
        int horizon,
        Action<int>? progress,
        CancellationToken cancellationToken
    )
    {
        // All rows with a failure, and of the others a share that stands for all: they are many, and alike from cut to cut.
        var every = settings.RowsPerSurvivor;
        var sample = rows.Where(row =>
                every == 1
                || table.FailureDays(row) <= Horizons.Days[horizon]
                || RowHash.Of(table.Gpu(row), table.CutMs(row)) % (uint)every == 0
            )
            .ToList();
        var outcomes = Outcomes(table, sample, horizon);
        return LightGbmBooster.Train(
            table.Values(sample),
            table.Features.Count,
            Array.ConvertAll(outcomes, failed => failed ? 1f : 0f),
            settings.Booster.Trees,
            settings.Booster.Parameters(),
            [.. sample.Select((row, i) => table.Weight(row) * (outcomes[i] ? 1f : every))],
            table.Features,
            settings.Booster.Threads,
            progress,
            cancellationToken
        );
    }

    /// <summary>
    /// Calibrates on the last cuts, which are nearest to the time of use. Each GPU is scored by a model that was trained without
    /// it, because a model is too sure of rows that it has seen; the model in use is trained on all GPUs and on the last cuts, too.
    /// </summary>
    private static Calibration Calibrate(
        TrainingTable table,
        List<int> rows,
        HorizonTrainingSettings settings,
        int horizon,
        CancellationToken cancellationToken
    )
    {
        var cuts = rows.Select(table.CutMs).Distinct().Order().ToArray();
        var fromMs = cuts[^Math.Min(cuts.Length, settings.CalibrationCuts)];
        var margins = new List<double>();
        var outcomes = new List<bool>();
        var weights = new List<double>();
        for (uint fold = 0; fold < Folds; fold++)
        {
            var (inside, outside) = (new List<int>(), new List<int>());
            foreach (var row in rows)
            {
                if (RowHash.Of(table.Gpu(row), 0) % Folds != fold)
                {
                    outside.Add(row);
                }
                else if (table.CutMs(row) >= fromMs)
                {
                    inside.Add(row);
                }
            }

            using var booster = Fit(table, outside, settings, horizon, null, cancellationToken);
            margins.AddRange(booster.Margins(table.Values(inside)));
            outcomes.AddRange(Outcomes(table, inside, horizon));
            weights.AddRange(inside.Select(row => (double)table.Weight(row)));
        }

        return Calibration.Fit(margins.ToArray(), outcomes.ToArray(), weights.ToArray());
    }

    private static List<int> Rows(TrainingTable table, long knownUntilMs, HorizonTrainingSettings settings, int horizon)
    {
        var rows = Enumerable
            .Range(0, table.Rows)
            .Where(row =>
                table.FailureDays(row) > Horizons.From(horizon)
                && table.IsKnown(row, Horizons.Days[horizon], knownUntilMs, settings.Removals)
            )
            .ToList();
        var failures = rows.Count(row => table.FailureDays(row) <= Horizons.Days[horizon]);
        return failures >= settings.MinimumFailures && failures < rows.Count
            ? rows
            : throw new InvalidOperationException(
                $"horizon {Horizons.Days[horizon]} d: {failures} of {rows.Count} rows whose outcome is known have a failure; at least "
                    + $"{settings.MinimumFailures} are needed, and rows without one"
            );
    }
}
