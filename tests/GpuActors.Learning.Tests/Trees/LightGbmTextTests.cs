using System.Text.RegularExpressions;
using GpuActors.Learning.Onnx;
using GpuActors.Learning.Tests.Onnx;
using GpuActors.Learning.Training;
using GpuActors.Learning.Trees;
using GpuActors.Testing;

namespace GpuActors.Learning.Tests.Trees;

/// <summary>Models that LightGBM itself trains here, and what it predicts with them.</summary>
public sealed partial class LightGbmTextTests
{
    private const int Features = 5;

    public LightGbmTextTests() => ServerRequirement.Require(LightGbmBooster.Problem);

    [SkippableTheory]
    [InlineData("objective=binary num_leaves=31", 40)]
    [InlineData("objective=binary sigmoid=0.7 is_unbalance=true", 20)]
    [InlineData("objective=binary use_missing=false", 20)]
    [InlineData("objective=binary boosting=rf bagging_fraction=0.6 bagging_freq=1", 20)]
    [InlineData("objective=binary boosting=dart drop_rate=0.5", 20)]
    [InlineData("objective=cross_entropy", 20)]
    [InlineData("objective=regression num_leaves=127 min_data_in_leaf=2", 60)]
    [InlineData("objective=regression boosting=rf bagging_fraction=0.6 bagging_freq=1", 20)]
    [InlineData("objective=poisson", 20)]
    [InlineData("objective=multiclass num_class=3", 10)]
    [InlineData("objective=multiclassova num_class=3", 10)]
    [InlineData("objective=regression num_leaves=2 min_gain_to_split=1e9", 3)]
    public void Predictions_equal_those_of_LightGBM(string parameters, int iterations)
    {
        var classes = parameters.Contains("num_class", StringComparison.Ordinal) ? 3 : 2;
        var (rows, labels) = Data(1000, classes, 3);
        using var booster = LightGbmBooster.Train(rows, Features, labels, iterations, "seed=1 " + parameters);
        var text = booster.Save();
        var ensemble = LightGbmText.Read(text);
        var probes = Data(2000, classes, 4).Rows.Concat(AtThresholds(text)).ToArray();

        var run = TreeModelTests.Run(TreeModel.Write(ensemble), probes, Features);

        var forest = parameters.Contains("boosting=rf", StringComparison.Ordinal) ? iterations : 1;
        AssertClose([.. booster.Margins(probes).Select(m => m / forest)], run[TreeModel.Margin]);
        AssertClose(booster.Predict(probes), run[TreeModel.Prediction]);
    }

    [SkippableFact]
    public void Zeros_that_are_missing_go_as_in_LightGBM_or_are_refused()
    {
        var (rows, labels) = Data(1000, 2, 5);
        var nonNegative = rows.Select(Math.Abs).ToArray();
        var read = 0;
        // Small models: those that one comparison per split cannot express are refused.
        for (var seed = 0; seed < 10; seed++)
        {
            var parameters = $"objective=binary zero_as_missing=true num_leaves=3 feature_fraction=0.3 seed={seed}";
            using var booster = LightGbmBooster.Train(nonNegative, Features, labels, 1, parameters);
            var text = booster.Save();
            try
            {
                var model = TreeModel.Write(LightGbmText.Read(text));
                var probes = nonNegative.Concat(AtThresholds(text)).Concat([0f, -0f, 1e-35f, -1e-35f, 1e-36f]).ToArray();
                AssertClose(booster.Margins(probes), TreeModelTests.Run(model, probes, Features)[TreeModel.Margin]);
                read++;
            }
            catch (InvalidDataException e)
            {
                Assert.Contains("zero_as_missing=false", e.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(read, 1, 9);
    }

    [SkippableFact]
    public void The_same_seed_gives_the_same_text()
    {
        var (rows, labels) = Data(500, 2, 3);
        string Train()
        {
            using var booster = LightGbmBooster.Train(
                rows,
                Features,
                labels,
                5,
                "objective=binary seed=9 bagging_fraction=0.5 bagging_freq=1",
                names: ["a", "b", "c", "d", "e"]
            );
            return booster.Save();
        }

        Assert.Equal(Train(), Train());
        Assert.Equal(["a", "b", "c", "d", "e"], LightGbmText.Read(Train()).FeatureNames.ToArray());
    }

    [SkippableFact]
    public void Contributions_add_up_to_the_margin()
    {
        var (rows, labels) = Data(200, 2, 3);
        using var booster = LightGbmBooster.Train(rows, Features, labels, 5, "objective=binary");

        var contributions = booster.Contributions(rows).Chunk(Features + 1).Select(c => c.Sum()).ToArray();

        Assert.All(contributions.Zip(booster.Margins(rows)), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
    }

    [SkippableTheory]
    [InlineData("left_child=1 ", "left_child=77 ", "Tree 0, node 77 does not exist")]
    [InlineData("left_child=1 ", "left_child=0 ", "Tree 0, node 0 is the child of two nodes, or its own descendant")]
    [InlineData("left_child=1 ", "left_child=x ", "'x'")]
    [InlineData("left_child=1 ", "left_child=", "has 2 values: it must have 3")]
    [InlineData("end of trees", "", "truncated")]
    [InlineData("decision_type=2 ", "decision_type=1 ", "categorical")]
    [InlineData("decision_type=2 ", "decision_type=14 ", "missing type")]
    [InlineData("split_feature=0 ", "split_feature=9 ", "feature 9")]
    [InlineData("is_linear=0", "is_linear=1", "linear_tree")]
    [InlineData("objective=binary", "objective=nonsense", "'nonsense'")]
    [InlineData("sigmoid:1", "sigmoid:", "sigmoid is no number")]
    [InlineData("num_tree_per_iteration=1", "num_tree_per_iteration=2000000000", "from 1 to 10000")]
    [InlineData("version=v4", "version=v9", "'v9'")]
    [InlineData("tree\n", "forest\n", "no LightGBM model")]
    public void A_damaged_or_unsupported_model_is_refused_with_its_place(string found, string replaced, string reason)
    {
        Assert.Contains(found, Small, StringComparison.Ordinal);

        var error = Assert.Throws<InvalidDataException>(() => LightGbmText.Read(Small.Replace(found, replaced, StringComparison.Ordinal)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Every_float_below_a_double_threshold_goes_left()
    {
        // 0.1 as float32 is above 0.1 as float64.
        var tree = LightGbmText.Read(Small.Replace("threshold=0.5 ", "threshold=0.1 ", StringComparison.Ordinal)).Trees[0];

        Assert.Equal(float.BitDecrement(0.1f), tree.Nodes[0].Threshold);
    }

    private const string Small =
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=binary sigmoid:1\n"
        + "feature_names=a b\n\nTree=0\nnum_leaves=4\nnum_cat=0\nsplit_feature=0 1 0\nsplit_gain=3 2 1\nthreshold=0.5 0.25 0.75\n"
        + "decision_type=2 2 2\nleft_child=1 -1 -2\nright_child=2 -3 -4\nleaf_value=1 2 3 4\nis_linear=0\nshrinkage=1\n\n\nend of trees\n";

    private static (float[] Rows, float[] Labels) Data(int count, int classes, int seed)
    {
        var random = new Random(seed);
        var rows = new float[count * Features];
        var labels = new float[count];
        for (var i = 0; i < count; i++)
        {
            for (var f = 0; f < Features; f++)
            {
                var value = f == 4 ? random.Next(-2, 3) : (float)((random.NextDouble() - 0.5) * 4);
                rows[i * Features + f] = random.Next(10) == 0 ? float.NaN : value;
            }

            var signal = (float.IsNaN(rows[i * Features]) ? 1 : rows[i * Features]) + random.NextDouble();
            labels[i] = Math.Clamp((int)Math.Floor(signal + classes / 2.0), 0, classes - 1);
        }

        return (rows, labels);
    }

    // Rows whose features all stand at a threshold of the model, or one step beside it.
    private static IEnumerable<float> AtThresholds(string text) =>
        Thresholds()
            .Matches(text)
            .SelectMany(m => m.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(t => t == "inf" ? float.PositiveInfinity : (float)double.Parse(t, System.Globalization.CultureInfo.InvariantCulture))
            .Distinct()
            .SelectMany(t => new[] { t, float.BitDecrement(t), float.BitIncrement(t) })
            .SelectMany(t => Enumerable.Repeat(t, Features));

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [GeneratedRegex("^threshold=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Thresholds();
}
