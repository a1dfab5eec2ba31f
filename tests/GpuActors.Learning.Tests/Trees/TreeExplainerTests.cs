using FsCheck.Xunit;
using GpuActors.Learning.Training;
using GpuActors.Learning.Trees;

namespace GpuActors.Learning.Tests.Trees;

public sealed class TreeExplainerTests
{
    private const int Features = 6;

    public static TheoryData<string, float> Covers =>
        new()
        {
            { "tree 1, node 1: cover NaN", float.NaN },
            { "tree 1, node 1: cover -1", -1 },
            { "tree 1, node 0: the covers of its children add up to 0", 0 },
            { "tree 1, node 0: the covers of its children add up to", float.PositiveInfinity },
        };

    [Theory]
    [InlineData("objective=binary num_leaves=31", 40)]
    [InlineData("objective=binary num_leaves=15 bagging_fraction=0.5 bagging_freq=1", 40)]
    [InlineData("objective=binary use_missing=false", 20)]
    [InlineData("objective=binary boosting=dart drop_rate=0.5", 30)]
    [InlineData("objective=binary boosting=rf bagging_fraction=0.6 bagging_freq=1", 20)]
    [InlineData("objective=regression num_leaves=200 min_data_in_leaf=2", 20)]
    [InlineData("objective=poisson max_depth=1", 20)]
    [InlineData("objective=multiclass num_class=3", 10)]
    [InlineData("objective=regression num_leaves=2 min_gain_to_split=1e9", 3)]
    public void Values_equal_those_of_LightGBM(string parameters, int iterations)
    {
        var random = new Random(11);
        var rows = Rows(random, 1000);
        var labels = Enumerable.Range(0, 1000).Select(i => Label(rows.AsSpan(i * Features, Features), random, parameters)).ToArray();
        using var booster = LightGbmBooster.Train(rows, Features, labels, iterations, "seed=1 " + parameters);
        var explainer = new TreeExplainer(LightGbmText.Read(booster.Save()));
        var probes = Rows(random, 200);

        var expected = booster.Contributions(probes);

        // The margin of a random forest is the mean over the trees; LightGBM's contributions are sums.
        var forest = parameters.Contains("boosting=rf", StringComparison.Ordinal) ? iterations : 1;
        var found = new List<double>();
        for (var row = 0; row < 200; row++)
        {
            for (var target = 0; target < booster.Targets; target++)
            {
                found.AddRange(Explain(explainer, probes.AsSpan(row * Features, Features), target));
                found.Add(explainer.ExpectedMargins[target]);
            }
        }

        Assert.Equal(expected.Length, found.Count);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i] / forest, found[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [Property(MaxTest = 200)]
    public void Values_are_the_Shapley_values_over_all_coalitions(int seed)
    {
        var random = new Random(seed);
        var ensemble = Ensemble(random, targets: 2, trees: 4, depth: 7, TreeSum.Double);
        var explainer = new TreeExplainer(ensemble);
        var row = Rows(random, 1);

        for (var target = 0; target < 2; target++)
        {
            var values = Explain(explainer, row, target);
            var worths = Enumerable.Range(0, 1 << Features).Select(known => Worth(ensemble, target, row, known)).ToArray();

            Assert.Equal(worths[0], explainer.ExpectedMargins[target], 1e-9);
            for (var feature = 0; feature < Features; feature++)
            {
                Assert.Equal(Shapley(worths, feature), values[feature], 1e-9);
            }
        }
    }

    [Property(MaxTest = 200)]
    public void Values_and_the_expected_margin_add_up_to_the_margin(int seed, bool single)
    {
        var random = new Random(seed);
        var ensemble = Ensemble(random, targets: 1, trees: 20, depth: 12, single ? TreeSum.Single : TreeSum.Double);
        var explainer = new TreeExplainer(ensemble);
        var row = Rows(random, 1);

        var margin = ensemble.Margins(row)[0];

        var tolerance = single ? 1e-5 : 1e-9;
        Assert.Equal(margin, Explain(explainer, row, 0).Sum() + explainer.ExpectedMargins[0], tolerance * Math.Max(1, Math.Abs(margin)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(60)]
    [InlineData(1000)]
    public void Values_of_a_long_chain_are_those_of_the_formula(int depth)
    {
        // A row gets the leaf value 1 if each feature is below its threshold, as half of the training rows are. All features are
        // alike, so that each has the same share of 1 - 2^-depth.
        var explainer = new TreeExplainer(new TreeEnsemble(depth, [0], [Chain(depth, feature => feature)], sum: TreeSum.Double));

        var values = Explain(explainer, new float[depth], 0);

        Assert.All(values, value => Assert.Equal((1 - Math.Pow(2, -depth)) / depth, value, 1e-12));
    }

    [Fact]
    public void A_feature_that_is_split_on_many_times_gets_the_whole_difference()
    {
        var explainer = new TreeExplainer(new TreeEnsemble(3, [0.5], [Chain(30, _ => 1)], sum: TreeSum.Double));

        Assert.Equal([0, 1 - Math.Pow(2, -30), 0], Explain(explainer, [9, 0, 9], 0), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([0, -Math.Pow(2, -30), 0], Explain(explainer, [9, 9, 9], 0), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Leaves_that_no_training_row_reached_are_explained()
    {
        // Known, the feature 0 leads to the leaf 7 that has no cover; unknown, it never does. Feature 1 makes a difference of 2 there.
        TreeNode[] nodes =
        [
            TreeNode.Split(0, TreeComparison.Less, 0, false, 1, 2, 10),
            TreeNode.Split(1, TreeComparison.Less, 0, false, 3, 4, 0),
            TreeNode.Leaf(1, 10),
            TreeNode.Leaf(7, 0),
            TreeNode.Leaf(3, 1e-30),
        ];
        var explainer = new TreeExplainer(new TreeEnsemble(2, [0], [new DecisionTree([.. nodes])], sum: TreeSum.Double));

        var values = Explain(explainer, [-1, -1], 0);

        // Worths: none 1, feature 0 alone 3, feature 1 alone 1, both 7.
        Assert.Equal(1, explainer.ExpectedMargins[0], 1e-12);
        Assert.Equal((3 - 1 + 7 - 1) / 2.0, values[0], 1e-12);
        Assert.Equal((1 - 1 + 7 - 3) / 2.0, values[1], 1e-12);
    }

    [Fact]
    public void A_model_of_one_leaf_has_only_an_expected_margin()
    {
        // The cover of a root is not needed.
        var tree = new DecisionTree([TreeNode.Leaf(2)], Weight: 0.5);
        var explainer = new TreeExplainer(new TreeEnsemble(2, [0.25], [tree]));

        Assert.Equal(1.25, explainer.ExpectedMargins[0]);
        Assert.Equal([0, 0], Explain(explainer, [1, float.NaN], 0));
        Assert.Equal([0.25], new TreeExplainer(new TreeEnsemble(2, [0.25], [])).ExpectedMargins.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.25)]
    [InlineData(-3)]
    public void The_weight_of_a_tree_multiplies_its_values(double weight)
    {
        TreeNode[] nodes = [TreeNode.Split(0, TreeComparison.Less, 0, true, 1, 2), TreeNode.Leaf(4, 1), TreeNode.Leaf(8, 3)];
        var explainer = new TreeExplainer(new TreeEnsemble(1, [0], [new DecisionTree([.. nodes], 0, weight)]));

        Assert.Equal(7 * weight, explainer.ExpectedMargins[0]);
        Assert.Equal([-3 * weight], Explain(explainer, [float.NaN], 0));
        Assert.Equal([weight], Explain(explainer, [1], 0));
    }

    [Theory]
    [MemberData(nameof(Covers))]
    public void A_missing_or_invalid_cover_is_refused_with_its_place(string reason, float cover)
    {
        TreeNode[] nodes = [TreeNode.Split(0, TreeComparison.Less, 0, true, 1, 2, 9), TreeNode.Leaf(1, cover), TreeNode.Leaf(2, 0)];
        var ensemble = new TreeEnsemble(1, [0], [new DecisionTree([TreeNode.Leaf(1)]), new DecisionTree([.. nodes])]);

        var error = Assert.Throws<InvalidDataException>(() => new TreeExplainer(ensemble));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_that_is_too_deep_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => new TreeExplainer(new TreeEnsemble(1, [0], [Chain(1001, _ => 0)])));

        Assert.Contains("tree 0 has depth 1001", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_targets_and_workspaces_that_do_not_fit_are_refused()
    {
        var ensemble = new TreeEnsemble(2, [0], [Chain(2, feature => feature)]);
        var explainer = new TreeExplainer(ensemble);
        var workspace = new TreeExplainerWorkspace(explainer);

        Assert.Throws<ArgumentException>("row", () => explainer.Explain(new float[1], 0, new double[2], workspace));
        Assert.Throws<ArgumentException>("values", () => explainer.Explain(new float[2], 0, new double[3], workspace));
        Assert.Throws<ArgumentOutOfRangeException>("target", () => explainer.Explain(new float[2], 1, new double[2], workspace));
        Assert.Throws<ArgumentException>("workspace", () => new TreeExplainer(ensemble).Explain(new float[2], 0, new double[2], workspace));
    }

    [Fact]
    public void A_row_is_explained_without_allocation()
    {
        var random = new Random(5);
        var explainer = new TreeExplainer(Ensemble(random, targets: 1, trees: 10, depth: 8, TreeSum.Double));
        var workspace = new TreeExplainerWorkspace(explainer);
        var row = Rows(random, 1);
        var values = new double[Features];
        explainer.Explain(row, 0, values, workspace);

        var before = GC.GetAllocatedBytesForCurrentThread();
        explainer.Explain(row, 0, values, workspace);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static double[] Explain(TreeExplainer explainer, ReadOnlySpan<float> row, int target)
    {
        var values = new double[explainer.Ensemble.FeatureCount];
        explainer.Explain(row, target, values, new TreeExplainerWorkspace(explainer));
        return values;
    }

    // The definition: a split on a feature that is not known is the mean of its children by their covers.
    private static double Worth(TreeEnsemble ensemble, int target, float[] row, int known)
    {
        return ensemble.BaseMargins[target] + ensemble.Trees.Where(t => t.Target == target).Sum(t => t.Weight * Node(t, 0));

        double Node(DecisionTree tree, int at)
        {
            var node = tree.Nodes[at];
            if (node.IsLeaf)
            {
                return node.Value;
            }

            if ((known >> node.Feature & 1) != 0)
            {
                return Node(tree, node.Next(row[node.Feature]));
            }

            var (first, second) = (tree.Nodes[node.True].Cover, tree.Nodes[node.False].Cover);
            return (first * Node(tree, node.True) + second * Node(tree, node.False)) / (first + second);
        }
    }

    private static double Shapley(double[] worths, int feature)
    {
        double[] factorials = [1, 1, 2, 6, 24, 120, 720];
        var value = 0.0;
        for (var known = 0; known < worths.Length; known++)
        {
            if ((known >> feature & 1) == 0)
            {
                var size = int.PopCount(known);
                var weight = factorials[size] * factorials[Features - size - 1] / factorials[Features];
                value += weight * (worths[known | 1 << feature] - worths[known]);
            }
        }

        return value;
    }

    private static TreeEnsemble Ensemble(Random random, int targets, int trees, int depth, TreeSum sum) =>
        new(
            Features,
            [.. Enumerable.Range(0, targets).Select(_ => random.NextDouble())],
            [.. Enumerable.Range(0, trees).Select(i => Tree(random, depth, i % targets))],
            sum: sum
        );

    private static DecisionTree Tree(Random random, int depth, int target)
    {
        var nodes = new List<TreeNode>();
        Add(random.Next(1, depth + 1), 1 + random.NextDouble() * 1000);
        return new DecisionTree([.. nodes], target, random.NextDouble() * 2 - 0.5);

        int Add(int left, double cover)
        {
            var at = nodes.Count;
            nodes.Add(TreeNode.Leaf(random.NextDouble() * 4 - 2, cover));
            if (left > 0 && random.Next(5) > 0)
            {
                var feature = random.Next(Features);
                var threshold = random.Next(-2, 3);
                // A share of 0 now and then: no training row went there.
                var share = random.Next(8) == 0 ? 0 : random.NextDouble();
                var whenTrue = Add(left - 1, cover * share);
                var whenFalse = Add(left - 1, cover * (1 - share) + 1e-6);
                nodes[at] = TreeNode.Split(
                    feature,
                    random.Next(2) == 0 ? TreeComparison.Less : TreeComparison.LessOrEqual,
                    threshold,
                    random.Next(2) == 0,
                    whenTrue,
                    whenFalse,
                    cover
                );
            }

            return at;
        }
    }

    // Each split sends half of the training rows on, those with a feature below 1; the last of them get 1, all others 0.
    private static DecisionTree Chain(int depth, Func<int, int> feature)
    {
        var nodes = new List<TreeNode>();
        for (var i = 0; i < depth; i++)
        {
            nodes.Add(TreeNode.Split(feature(i), TreeComparison.Less, 1, false, nodes.Count + 2, nodes.Count + 1, Math.Pow(2, -i)));
            nodes.Add(TreeNode.Leaf(0, Math.Pow(2, -i - 1)));
        }

        nodes.Add(TreeNode.Leaf(1, Math.Pow(2, -depth)));
        return new DecisionTree([.. nodes]);
    }

    private static float[] Rows(Random random, int count) =>
        [
            .. Enumerable
                .Range(0, count * Features)
                .Select(i =>
                    random.Next(8) == 0 ? float.NaN
                    : i % Features == 5 ? random.Next(-2, 3)
                    : (float)(random.NextDouble() * 6 - 3)
                ),
        ];

    private static float Label(ReadOnlySpan<float> row, Random random, string parameters)
    {
        var signal = (float.IsNaN(row[0]) ? 1 : row[0]) * (row[1] > 0 ? 1 : -0.5) + row[5].CompareTo(0) + random.NextDouble();
        return parameters.Contains("regression", StringComparison.Ordinal) ? (float)signal
            : parameters.Contains("multiclass", StringComparison.Ordinal) ? Math.Clamp((int)Math.Floor(signal + 1.5), 0, 2)
            : signal > 0.5 ? 1
            : 0;
    }
}
