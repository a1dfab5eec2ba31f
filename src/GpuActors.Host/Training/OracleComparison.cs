using System.Globalization;
using GpuActors.Learning.Evaluation;
using GpuActors.Learning.Reports;
using GpuActors.Learning.Training;
using GpuActors.Simulation.Failures;
using static System.FormattableString;

namespace GpuActors.Host.Training;

/// <summary>A model beside the oracle of the simulated fleet that it is judged by.</summary>
internal sealed class OracleComparison
{
    private const int ThirtyDays = 1;

    // What telemetry shows long enough before to act on it; PCIe and power decay within days.
    private static readonly FailureMode[] Gradual =
    [
        FailureMode.MemoryGradual,
        FailureMode.ThermalInterface,
        FailureMode.Aging,
        FailureMode.NvlinkDecay,
    ];

    private readonly SimulatedFleet _fleet;
    private readonly RemovalTreatment _removals;
    private readonly float[][] _predictions;

    public OracleComparison(HorizonModel model, SimulatedFleet fleet, RemovalTreatment removals)
    {
        (_fleet, _removals) = (fleet, removals);
        int[] rows = [.. Enumerable.Range(0, fleet.Table.Rows)];
        _predictions = model.Predict(fleet.Table.Values(rows));
        Evaluation = HorizonEvaluation.Of(_predictions, rows, fleet.Table, fleet.EndMs, removals);
        Horizons = [.. Enumerable.Range(0, _predictions.Length).Select(Compare)];
    }

    /// <summary>By horizon the quality of the model.</summary>
    public IReadOnlyList<HorizonEvaluation> Evaluation { get; }

    /// <summary>By horizon the quality of the oracle, and the PR-AUC of the model relative to it.</summary>
    public IReadOnlyList<(BinaryEvaluation Oracle, PrecisionRatio Ratio)> Horizons { get; }

    /// <summary>What warnings are worth that come at a probability within 30 days.</summary>
    public WarningEvaluation Warnings(double threshold)
    {
        var table = _fleet.Table;
        return WarningEvaluation.Of(
            Enumerable
                .Range(0, table.Rows)
                .Select(row => new WarningEvaluation.Row(
                    table.Gpu(row),
                    table.CutMs(row),
                    _predictions[ThirtyDays][row],
                    table.FailureDays(row),
                    table.ObservedDays(row),
                    _fleet.Modes[row] is { } mode && Gradual.Contains(mode)
                )),
            threshold
        );
    }

    /// <summary>The model beside the oracle.</summary>
    public ReportTable Table() =>
        new(
            "Beside the oracle, which knows all that the simulator has decided up to the cut",
            ["", .. Evaluation.Select(e => Invariant($"{e.Days} d"))],
            [
                ["PR-AUC of the model", .. Evaluation.Select(e => Invariant($"{e.Model.PrAuc:F4}"))],
                ["PR-AUC of the oracle", .. Horizons.Select(h => Invariant($"{h.Oracle.PrAuc:F4}"))],
                ["ratio (95% by GPU)", .. Horizons.Select(h => Invariant($"{h.Ratio.Ratio:F3} ({h.Ratio.Low:F3} to {h.Ratio.High:F3})"))],
                ["PR-AUC of a constant", .. Evaluation.Select(e => Invariant($"{e.Model.BaseRate:F5}"))],
                ["ROC-AUC of the oracle", .. Horizons.Select(h => Invariant($"{h.Oracle.RocAuc:F3}"))],
                ["Brier skill of the oracle", .. Horizons.Select(h => Invariant($"{h.Oracle.BrierSkill:F4}"))],
            ]
        );

    /// <summary>By mode, what is predicted within 30 days before a failure. Sudden modes give no sign.</summary>
    public ReportTable ModeTable()
    {
        var rows = Known(ThirtyDays);
        var byMode = rows.Where(row => _fleet.Table.FailureDays(row) <= Learning.Training.Horizons.Days[ThirtyDays])
            .GroupBy(row => _fleet.Modes[row]!.Value)
            .OrderBy(mode => mode.Key);
        return new ReportTable(
            "By mode: rows up to 30 days before a failure",
            ["mode", "rows", "mean prediction", "mean of the oracle", "share above 0.5", "share of the oracle above 0.5"],
            [
                .. byMode.Select(mode =>
                    (IReadOnlyList<string>)
                        [
                            mode.Key.ToString(),
                            mode.Count().ToString(CultureInfo.InvariantCulture),
                            Invariant($"{mode.Average(row => _predictions[ThirtyDays][row]):F3}"),
                            Invariant($"{mode.Average(row => _fleet.Oracle[ThirtyDays][row]):F3}"),
                            Invariant($"{mode.Average(row => _predictions[ThirtyDays][row] >= 0.5 ? 1.0 : 0):F3}"),
                            Invariant($"{mode.Average(row => _fleet.Oracle[ThirtyDays][row] >= 0.5 ? 1.0 : 0):F3}"),
                        ]
                ),
            ]
        );
    }

    /// <summary>What warnings are worth, by threshold.</summary>
    public static ReportTable WarningTable(IReadOnlyList<WarningEvaluation> warnings) =>
        new(
            "Warnings by the probability within 30 days; recall and lead of gradual modes: memory, thermal interface, aging, NVLink",
            ["threshold", "warnings", "followed by a failure within 90 days", "gradual failures", "warned of", "median lead"],
            [
                .. warnings.Select(w =>
                    (IReadOnlyList<string>)
                        [
                            Invariant($"{w.Threshold:F1}"),
                            Invariant($"{w.Warnings}"),
                            Invariant($"{w.TrueWarnings} ({w.Precision:P1})"),
                            Invariant($"{w.Failures}"),
                            Invariant($"{w.Warned} ({w.Recall:P1})"),
                            Invariant($"{w.MedianLeadDays:F1} d"),
                        ]
                ),
            ]
        );

    private (BinaryEvaluation, PrecisionRatio) Compare(int horizon)
    {
        var rows = Known(horizon);
        var outcomes = rows.Select(row => _fleet.Table.FailureDays(row) <= Learning.Training.Horizons.Days[horizon]).ToArray();
        var oracle = rows.Select(row => _fleet.Oracle[horizon][row]).ToArray();
        var model = rows.Select(row => _predictions[horizon][row]).ToArray();
        return (
            BinaryEvaluation.Of(oracle, outcomes),
            PrecisionRatio.Of(model, oracle, outcomes, [.. rows.Select(row => _fleet.Table.Gpu(row))])
        );
    }

    private List<int> Known(int horizon) =>
        [
            .. Enumerable
                .Range(0, _fleet.Table.Rows)
                .Where(row => _fleet.Table.IsKnown(row, Learning.Training.Horizons.Days[horizon], _fleet.EndMs, _removals)),
        ];
}
