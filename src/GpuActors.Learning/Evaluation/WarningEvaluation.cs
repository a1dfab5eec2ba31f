namespace GpuActors.Learning.Evaluation;

/// <summary>
/// What an operator gets who acts on predictions above a threshold. The rows of a GPU from the first one above the threshold until its next
/// failure, or until one falls below, are one warning.
/// </summary>
/// <param name="Threshold">The threshold, a probability.</param>
/// <param name="Warnings">Warnings whose outcome is known.</param>
/// <param name="TrueWarnings">Those that a failure followed within the longest horizon.</param>
/// <param name="Failures">Failures that could have been warned of: the GPU was looked at before.</param>
/// <param name="Warned">Those that a warning came before.</param>
/// <param name="MedianLeadDays">Median of the days from the first row of the warning to the failure; NaN without one.</param>
public sealed record WarningEvaluation(double Threshold, int Warnings, int TrueWarnings, int Failures, int Warned, double MedianLeadDays)
{
    /// <summary>Share of the warnings that a failure followed, 0 to 1; NaN without warnings.</summary>
    public double Precision => (double)TrueWarnings / Warnings;

    /// <summary>Share of the failures that were warned of, 0 to 1; NaN without failures.</summary>
    public double Recall => (double)Warned / Failures;

    /// <summary>A row to judge by.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="CutMs">Time of the prediction, Unix milliseconds.</param>
    /// <param name="Probability">The prediction.</param>
    /// <param name="FailureDays">Days to the next failure; infinite if none was observed.</param>
    /// <param name="ObservedDays">Days for which it is known whether the GPU failed.</param>
    /// <param name="Counts">Whether that failure is of a kind that counts for <see cref="Recall"/>.</param>
    public readonly record struct Row(int Gpu, long CutMs, float Probability, float FailureDays, float ObservedDays, bool Counts);

    /// <summary>Evaluates a threshold.</summary>
    /// <param name="rows">The rows, in any order.</param>
    /// <param name="threshold">The threshold.</param>
    /// <param name="horizonDays">Days within which a failure makes a warning a true one.</param>
    public static WarningEvaluation Of(IEnumerable<Row> rows, double threshold, double horizonDays = 90)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var (warnings, trueWarnings, failures) = (0, 0, 0);
        var leads = new List<double>();
        foreach (var gpu in rows.GroupBy(row => row.Gpu))
        {
            Warning? open = null;
            Row? before = null;
            foreach (var row in gpu.OrderBy(row => row.CutMs))
            {
                // Time of the failure that the row before saw: it lies between both rows.
                if (before is { } last && FailureMs(last) <= row.CutMs)
                {
                    EndWith(last, open);
                    open = null;
                }

                open = row.Probability < threshold ? Closed(open) : open ?? new Warning(row);
                before = row;
            }

            if (before is { } final)
            {
                if (float.IsFinite(final.FailureDays))
                {
                    EndWith(final, open);
                    open = null;
                }

                _ = Closed(open);
            }
        }

        leads.Sort();
        return new WarningEvaluation(
            threshold,
            warnings,
            trueWarnings,
            failures,
            leads.Count,
            leads.Count == 0 ? double.NaN : (leads[(leads.Count - 1) / 2] + leads[leads.Count / 2]) / 2
        );

        void EndWith(Row last, Warning? warning)
        {
            failures += last.Counts ? 1 : 0;
            if (warning is not null)
            {
                if (last.Counts)
                {
                    leads.Add(warning.First.FailureDays);
                }

                _ = Closed(warning);
            }
        }

        Warning? Closed(Warning? warning)
        {
            if (warning is not null)
            {
                var isTrue = warning.First.FailureDays <= horizonDays;
                var isKnown = isTrue || warning.First.ObservedDays >= horizonDays;
                warnings += isKnown ? 1 : 0;
                trueWarnings += isTrue ? 1 : 0;
            }

            return null;
        }
    }

    private static double FailureMs(Row row) => row.CutMs + (row.FailureDays * 86_400_000.0);

    private sealed record Warning(Row First);
}
