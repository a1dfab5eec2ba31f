using GpuActors.Learning.Onnx;
using GpuActors.Learning.Trees;
using Microsoft.ML.OnnxRuntime;

namespace GpuActors.Learning.Tests.Onnx;

public sealed class TreeModelTests
{
    private static readonly float[] Values = [-1, 0, 0.5f, 0.50000006f, 1, float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    [Theory]
    [InlineData(TreeLink.Identity, 1, TreeSum.Single, 1)]
    [InlineData(TreeLink.Logistic, 1, TreeSum.Single, 1)]
    [InlineData(TreeLink.Logistic, 3, TreeSum.Double, 0.5)]
    [InlineData(TreeLink.Softmax, 3, TreeSum.Single, 1)]
    [InlineData(TreeLink.Exponential, 2, TreeSum.Double, 1)]
    public void OnnxRuntime_computes_what_the_ensemble_defines(TreeLink link, int targets, TreeSum sum, double scale)
    {
        var ensemble = Random(targets, link, scale, sum);
        var rows = Values.SelectMany(a => Values.SelectMany(b => new[] { a, b })).ToArray();

        var run = Run(TreeModel.Write(ensemble), rows, 2);

        for (var row = 0; row < rows.Length / 2; row++)
        {
            var margins = ensemble.Margins(rows.AsSpan(row * 2, 2));
            var predictions = ensemble.Predictions(margins);
            for (var t = 0; t < targets; t++)
            {
                Assert.Equal((float)margins[t], run[TreeModel.Margin][row * targets + t]);
                Assert.Equal(predictions[t], run[TreeModel.Prediction][row * targets + t], 1e-6 * Math.Max(1, predictions[t]));
            }
        }
    }

    [Fact]
    public void A_threshold_that_is_hit_exactly_follows_the_comparison()
    {
        var run = Run(
            TreeModel.Write(new TreeEnsemble(1, [0], [Stump(TreeComparison.Less), Stump(TreeComparison.LessOrEqual)])),
            [0.5f],
            1
        );

        Assert.Equal([1f - 1f], run[TreeModel.Margin]);
    }

    [Fact]
    public void A_model_without_trees_gives_its_base_margin() =>
        Assert.Equal([0.25f, 0.25f], Run(TreeModel.Write(new TreeEnsemble(1, [0.25], [])), [1, 2], 1)[TreeModel.Margin]);

    [Fact]
    public void A_scaler_is_the_first_step_of_the_graph()
    {
        // In float32 the difference is 0; the pipeline computes it in float64.
        var scaler = new FeatureScaler([16777216.5], [-1]);

        var run = Run(TreeModel.Write(new TreeEnsemble(1, [0], [Stump(TreeComparison.Less)]), scaler), [16777216f, float.NaN], 1);

        Assert.Equal([-1f, 1f], run[TreeModel.Margin]);
    }

    [Fact]
    public void Several_ensembles_stand_in_one_graph()
    {
        var first = new TreeEnsemble(1, [1], [Stump(TreeComparison.Less)]);
        var second = new TreeEnsemble(1, [2], []);
        var graph = new OnnxGraphBuilder("horizons");
        var features = graph.Input("x", 1);
        var survived = graph.Mul(graph.Margins(features, first), graph.Margins(features, second));
        var one = graph.Constant(1);
        graph.Output("both", graph.Concat(graph.Clip(graph.Sub(one, survived), -1, 1), survived), 2);

        Assert.Equal([-1f, 4f, 1f, 0f], Run(graph.Build(), [0.25f, 0.75f], 1)["both"]);
    }

    [Fact]
    public void A_node_whose_input_is_missing_is_refused() =>
        Assert.Contains(
            "'x'",
            Assert.Throws<ArgumentException>(() => new OnnxGraphBuilder("g").Exp("x")).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("""{"mean":[1]}""", "scale")]
    [InlineData("""{"mean":[1],"scale":[0]}""", "deviation 0")]
    [InlineData("""{"mean":[1,2],"scale":[1]}""", "2 means and 1 deviations")]
    [InlineData("""{"mean":["a"],"scale":[1]}""", "list of numbers")]
    public void A_scaler_that_cannot_be_used_is_refused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => FeatureScaler.Parse(json)).Message, StringComparison.Ordinal);

    internal static Dictionary<string, float[]> Run(byte[] model, float[] rows, int features)
    {
        // Several threads would sum the trees in another order.
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(model, settings);
        using var tensor = OrtValue.CreateTensorValueFromMemory(rows, [rows.Length / features, features]);
        using var options = new RunOptions();
        using var results = session.Run(options, [session.InputMetadata.Single().Key], [tensor], session.OutputNames);
        return session
            .OutputNames.Zip(results, (name, value) => (name, value.GetTensorDataAsSpan<float>().ToArray()))
            .ToDictionary(r => r.name, r => r.Item2, StringComparer.Ordinal);
    }

    private static DecisionTree Stump(TreeComparison comparison) =>
        new([TreeNode.Split(0, comparison, 0.5f, true, 1, 2), TreeNode.Leaf(1), TreeNode.Leaf(-1)]);

    private static TreeEnsemble Random(int targets, TreeLink link, double scale, TreeSum sum)
    {
        var random = new Random(7);
        var trees = Enumerable
            .Range(0, 30)
            .Select(i =>
            {
                TreeNode Split(int a, int b) =>
                    TreeNode.Split(random.Next(2), (TreeComparison)random.Next(2), Values[random.Next(5)], random.Next(2) == 0, a, b);
                TreeNode Leaf() => TreeNode.Leaf((float)(random.NextDouble() - 0.5));
                return new DecisionTree([Split(1, 4), Split(2, 3), Leaf(), Leaf(), Leaf()], i % targets, i % 3 == 0 ? 0.5 : 1);
            });
        return new TreeEnsemble(2, [.. Enumerable.Range(0, targets).Select(t => t * 0.25)], [.. trees], link, scale, ["a", "b"], sum);
    }
}
