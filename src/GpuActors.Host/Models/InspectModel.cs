using System.CommandLine;
using System.Globalization;
using GpuActors.Host.Cli;
using GpuActors.Learning.Trees;
using GpuActors.Prediction;
using Spectre.Console;

namespace GpuActors.Host.Models;

/// <summary><c>gpuactors model inspect</c>: what a model file holds.</summary>
internal static class InspectModel
{
    private const int ShownFeatures = 10;

    public static Command Create(Terminal terminal)
    {
        var file = ModelCommand.File("FILE");
        var json = CommonOptions.Json();
        var command = new Command(
            "inspect",
            "Shows what a model holds: features, outputs, trees, and the features that reduce the loss most"
        )
        {
            file,
            json,
        };
        command.SetAction(parse =>
        {
            CommonOptions.Load(parse, terminal);
            var path = parse.GetRequiredValue(file);
            var model = ModelFile.Read(path);
            using var scorer = ModelFile.Named(path, () => OnnxScorer.Load(model.Onnx));
            var view = View.Of(model, scorer);
            if (parse.GetValue(json))
            {
                JsonOutput.Write(terminal, view);
            }
            else
            {
                Print(terminal, view);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Print(Terminal terminal, View view)
    {
        Line("kind", view.Kind);
        Line("features", Text(view.Features));
        Line("names", view.FeatureNames.Count == 0 ? "none: columns are taken in their order" : string.Join(", ", view.FeatureNames));
        Line("score", view.Score);
        if (view.Trees is { } trees)
        {
            Line("targets", Text(trees.Targets));
            Line("link", trees.Link);
            Line("base margins", string.Join(", ", trees.BaseMargins.Select(m => m.ToString(CultureInfo.InvariantCulture))));
            Line("trees", $"{Text(trees.Count)}, {Text(trees.Leaves)} leaves, depth {Text(trees.Depth)}");
            foreach (var (name, gain) in trees.Gain)
            {
                Line("gain", string.Create(CultureInfo.InvariantCulture, $"{name} {gain:0.###}"));
            }
        }

        void Line(string key, string value) => terminal.Line($"{key, -13} {value}".EscapeMarkup());
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record View(string Kind, int Features, IReadOnlyList<string> FeatureNames, string Score, TreeView? Trees)
    {
        public static View Of(ModelFile model, OnnxScorer scorer) =>
            new(model.Kind, scorer.FeatureCount, scorer.FeatureNames, scorer.ScoreOutput, model.Trees is { } t ? TreeView.Of(t) : null);
    }

    private sealed record TreeView(
        int Targets,
        string Link,
        IReadOnlyList<double> BaseMargins,
        int Count,
        int Leaves,
        int Depth,
        IReadOnlyDictionary<string, double> Gain
    )
    {
        public static TreeView Of(TreeEnsemble model) =>
            new(
                model.Targets,
                model.Link.ToString().ToLowerInvariant(),
                model.BaseMargins,
                model.Trees.Length,
                model.Trees.Sum(t => t.Nodes.Count(n => n.IsLeaf)),
                model.Trees.Select(t => t.Depth()).DefaultIfEmpty(0).Max(),
                Gains(model)
            );

        private static Dictionary<string, double> Gains(TreeEnsemble model) =>
            model
                .Trees.SelectMany(t => t.Nodes)
                .Where(n => !n.IsLeaf && !double.IsNaN(n.Gain))
                .GroupBy(n => n.Feature)
                .Select(g =>
                    (Name: model.FeatureNames.Length == 0 ? $"feature {g.Key}" : model.FeatureNames[g.Key], Gain: g.Sum(n => n.Gain))
                )
                .OrderByDescending(g => g.Gain)
                .Take(ShownFeatures)
                .ToDictionary(g => g.Name, g => g.Gain, StringComparer.Ordinal);
    }
}
