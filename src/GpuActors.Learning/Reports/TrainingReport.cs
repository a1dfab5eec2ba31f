using System.Net;
using System.Text;
using GpuActors.Learning.Evaluation;
using GpuActors.Learning.Training;
using static System.FormattableString;

namespace GpuActors.Learning.Reports;

/// <summary>A report of a training as one HTML file that needs no network.</summary>
public static class TrainingReport
{
    private const int Size = 260;
    private const int Margin = 34;

    /// <summary>Writes the report.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="facts">What was trained, on what, and how; key and text.</param>
    /// <param name="horizons">The quality by horizon.</param>
    /// <param name="importance">Features and the share of the loss that their splits have saved, 0 to 1, by horizon.</param>
    /// <param name="tables">Further tables; null for none.</param>
    public static string Html(
        string title,
        IReadOnlyList<(string Key, string Text)> facts,
        IReadOnlyList<HorizonEvaluation> horizons,
        IReadOnlyList<IReadOnlyList<(string Feature, double Share)>> importance,
        IReadOnlyList<ReportTable>? tables = null
    )
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(horizons);
        ArgumentNullException.ThrowIfNull(importance);
        var html = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.Append(Invariant($"<title>{Text(title)}</title><style>{Style}</style></head><body><h1>{Text(title)}</h1>\n<table>"));
        foreach (var (key, text) in facts)
        {
            html.Append(Invariant($"<tr><th>{Text(key)}</th><td>{Text(text)}</td></tr>\n"));
        }

        html.Append("</table>\n<h2>Quality on cuts after the training</h2>\n<table><tr><th></th>");
        html.AppendJoin("", horizons.Select(h => Invariant($"<th>{h.Days} d</th>"))).Append("</tr>\n");
        foreach (var (name, value) in Measures)
        {
            html.Append(Invariant($"<tr><th>{name}</th>"));
            html.AppendJoin("", horizons.Select(h => $"<td>{value(h)}</td>")).Append("</tr>\n");
        }

        html.Append("</table>\n");
        foreach (var table in tables ?? [])
        {
            Append(html, table);
        }

        for (var i = 0; i < horizons.Count; i++)
        {
            var h = horizons[i];
            html.Append(Invariant($"<h2>Within {h.Days} days</h2>\n<div class=\"plots\">"));
            html.Append(Plot("ROC", "false positive rate", "true positive rate", h.Curves.Roc, (1, 1), diagonal: true));
            var precision = Math.Max(0.01, h.Curves.PrecisionRecall.Where(p => p.X > 0.02).Select(p => p.Y).DefaultIfEmpty(1).Max());
            html.Append(Plot("Precision and recall", "recall", "precision", h.Curves.PrecisionRecall, (1, precision), diagonal: false));
            var rate = Math.Max(1e-6, h.Curves.Calibration.Max(p => Math.Max(p.X, p.Y)));
            html.Append(Plot("Calibration, ten bins", "predicted", "observed", h.Curves.Calibration, (rate, rate), diagonal: true));
            html.Append("</div>\n<table><tr><th>feature</th><th>importance by gain</th></tr>\n");
            foreach (var (feature, share) in importance[i])
            {
                html.Append(Invariant($"<tr><td>{Text(feature)}</td><td>{share:P1}</td></tr>\n"));
            }

            html.Append("</table>\n");
        }

        return html.Append("</body></html>\n").ToString();
    }

    private static readonly (string Name, Func<HorizonEvaluation, string> Value)[] Measures =
    [
        ("rows", h => Invariant($"{h.Model.Rows:N0}")),
        ("failures", h => Invariant($"{h.Model.Positives:N0}")),
        ("base rate", h => Invariant($"{h.Model.BaseRate:F5}")),
        ("mean prediction", h => Invariant($"{h.MeanPrediction:F5}")),
        ("ROC-AUC", h => Invariant($"{h.Model.RocAuc:F3}")),
        ("PR-AUC", h => Invariant($"{h.Model.PrAuc:F4}")),
        ("lift in the top 1%", h => Invariant($"{h.Model.LiftTopPercent:F1}")),
        ("expected calibration error, ten bins", h => Invariant($"{h.Model.CalibrationError:F5}")),
        ("calibration slope", h => Invariant($"{h.Model.CalibrationSlope:F2}")),
        ("observed / expected in the top 1%", h => Invariant($"{h.Model.ObservedToExpectedTopPercent:F2}")),
        ("observed / expected in the top 10%", h => Invariant($"{h.Model.ObservedToExpectedTopTenth:F2}")),
        ("Brier score", h => Invariant($"{h.Model.Brier:F6}")),
        ("Brier skill", h => Invariant($"{h.Model.BrierSkill:F4}")),
        ("threshold with the highest F1", h => Invariant($"{h.Model.Best.Threshold:F4}")),
        ("precision, recall, F1 there", h => Invariant($"{h.Model.Best.Precision:F3}, {h.Model.Best.Recall:F3}, {h.Model.Best.F1:F3}")),
        ("true positives, false positives there", h => Invariant($"{h.Model.Best.TruePositives:N0}, {h.Model.Best.FalsePositives:N0}")),
        ("false negatives, true negatives there", h => Invariant($"{h.Model.Best.FalseNegatives:N0}, {h.Model.Best.TrueNegatives:N0}")),
    ];

    private const string Style =
        "body{font:14px sans-serif;margin:2em;max-width:60em}table{border-collapse:collapse;margin:1em 0}"
        + "td,th{border:1px solid #ccc;padding:.2em .6em;text-align:left}.plots{display:flex;flex-wrap:wrap;gap:1em}"
        + "svg text{font:11px sans-serif}";

    private static void Append(StringBuilder html, ReportTable table)
    {
        html.Append(Invariant($"<h2>{Text(table.Title)}</h2>\n<table><tr>"));
        html.AppendJoin("", table.Columns.Select(column => $"<th>{Text(column)}</th>")).Append("</tr>\n");
        foreach (var row in table.Rows)
        {
            html.Append("<tr>").AppendJoin("", row.Select(text => $"<td>{Text(text)}</td>")).Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Plot(string title, string x, string y, IReadOnlyList<CurvePoint> points, (double X, double Y) max, bool diagonal)
    {
        double Left(double value) => Margin + Math.Clamp(value / max.X, 0, 1) * (Size - 2 * Margin);
        double Top(double value) => Size - Margin - Math.Clamp(value / max.Y, 0, 1) * (Size - 2 * Margin);
        var svg = new StringBuilder(Invariant($"<svg width=\"{Size}\" height=\"{Size}\" role=\"img\" aria-label=\"{Text(title)}\">"));
        svg.Append(Invariant($"<text x=\"{Size / 2}\" y=\"16\" text-anchor=\"middle\">{Text(title)}</text>"));
        svg.Append(Invariant($"<rect x=\"{Margin}\" y=\"{Margin}\" width=\"{Size - 2 * Margin}\" height=\"{Size - 2 * Margin}\" "));
        svg.Append("fill=\"none\" stroke=\"#999\"/>");
        if (diagonal)
        {
            svg.Append(Invariant($"<line x1=\"{Left(0):F1}\" y1=\"{Top(0):F1}\" x2=\"{Left(max.X):F1}\" y2=\"{Top(max.Y):F1}\" "));
            svg.Append("stroke=\"#bbb\" stroke-dasharray=\"4\"/>");
        }

        svg.Append("<polyline fill=\"none\" stroke=\"#06c\" stroke-width=\"1.5\" points=\"");
        svg.AppendJoin(' ', points.Select(p => Invariant($"{Left(p.X):F1},{Top(p.Y):F1}"))).Append("\"/>");
        svg.Append(Invariant($"<text x=\"{Size / 2}\" y=\"{Size - 6}\" text-anchor=\"middle\">{Text(x)}</text>"));
        svg.Append(
            Invariant($"<text x=\"12\" y=\"{Size / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 12 {Size / 2})\">{Text(y)}</text>")
        );
        svg.Append(Invariant($"<text x=\"{Size - Margin}\" y=\"{Size - Margin + 13}\" text-anchor=\"middle\">{max.X:G3}</text>"));
        svg.Append(Invariant($"<text x=\"{Margin - 3}\" y=\"{Margin + 4}\" text-anchor=\"end\">{max.Y:G3}</text>"));
        return svg.Append("</svg>").ToString();
    }
}
