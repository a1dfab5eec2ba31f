using System.Collections.Immutable;

namespace GpuActors.Learning.Trees;

/// <summary>
/// Explains margins by the exact path-dependent TreeSHAP values (Lundberg, Erion and Lee 2018, the values of their algorithm 2, as LightGBM
/// and XGBoost give them): the Shapley values of the game in which a split on an unknown feature is the mean of its children, weighted by
/// their covers. Their sum and the expected margin give the margin. Immutable and thread-safe, with one
/// <see cref="TreeExplainerWorkspace"/> per thread.
/// </summary>
/// <remarks>
/// A leaf is worth the product of one factor per feature of its way: whether the row goes this way if the feature is known, the share of
/// training rows that do if it is not. The Shapley value of such a product is the integral of a polynomial over 0 to 1 (Owen 1972,
/// multilinear extension). A Gauss-Legendre rule gives it exactly, with as many points as half the features of a way. All terms are
/// positive, so that rounding errors do not grow with the depth, as they do where algorithm 2 takes a feature out of its path by
/// subtraction. Time per tree: nodes times points.
/// </remarks>
public sealed class TreeExplainer
{
    /// <summary>Prepares the explanations of a model.</summary>
    /// <param name="ensemble">The model.</param>
    /// <exception cref="InvalidDataException">A node below a root has no cover, or both children of a split have the cover 0, or a tree has
    /// a depth above 1000; the message says the tree and the node.</exception>
    public TreeExplainer(TreeEnsemble ensemble)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        Ensemble = ensemble;
        var rules = new Dictionary<int, GaussLegendre>();
        Trees = [.. ensemble.Trees.Select((tree, i) => new ExplainedTree(tree, i, ensemble.Sum == TreeSum.Single, rules))];
        var expected = ensemble.BaseMargins.ToArray();
        foreach (var tree in Trees)
        {
            expected[tree.Target] += tree.Expected;
        }

        ExpectedMargins = [.. expected];
    }

    /// <summary>The model.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>The margin of each target if no feature is known: its mean over the training rows, by the covers.</summary>
    public ImmutableArray<double> ExpectedMargins { get; }

    internal ImmutableArray<ExplainedTree> Trees { get; }

    /// <summary>Explains the margin of one row without allocating memory.</summary>
    /// <param name="row">The features; NaN is missing.</param>
    /// <param name="target">Index of the target or class, from 0.</param>
    /// <param name="values">Receives one value per feature, in units of the margin; 0 for features that no split of the target's trees
    /// reads. Sum and expected margin give the margin up to the rounding of the sum: in float64 1e-9 relative at most, and what
    /// <see cref="TreeSum.Single"/> rounds where the model is summed so.</param>
    /// <param name="workspace">A workspace of this explainer that no other thread uses at the time.</param>
    /// <exception cref="ArgumentException">The row or the values do not have one value per feature, or the workspace is that of another
    /// explainer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the target.</exception>
    public void Explain(ReadOnlySpan<float> row, int target, Span<double> values, TreeExplainerWorkspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, Ensemble.Targets);
        if (row.Length != Ensemble.FeatureCount || values.Length != Ensemble.FeatureCount)
        {
            throw new ArgumentException(
                $"row.Length = {row.Length}, values.Length = {values.Length}: the model has {Ensemble.FeatureCount} features",
                row.Length != Ensemble.FeatureCount ? nameof(row) : nameof(values)
            );
        }

        if (workspace.Explainer != this)
        {
            throw new ArgumentException("The workspace was created for another explainer", nameof(workspace));
        }

        values.Clear();
        foreach (var tree in Trees)
        {
            if (tree.Target == target)
            {
                workspace.Products.AsSpan(0, tree.Rule.Points.Length).Fill(1);
                Visit(tree, 0, 0, row, values, workspace);
            }
        }
    }

    /// <summary>Computes the sums of a node from its product, and adds the values of the splits below it.</summary>
    private static void Visit(
        ExplainedTree tree,
        int at,
        int level,
        ReadOnlySpan<float> row,
        Span<double> values,
        TreeExplainerWorkspace workspace
    )
    {
        var points = tree.Rule.Points.Length;
        var sums = workspace.Sums.AsSpan(level * points, points);
        ref readonly var node = ref tree.Nodes.ItemRef(at);
        if (node.IsLeaf)
        {
            var products = workspace.Products.AsSpan(level * points, points);
            for (var i = 0; i < points; i++)
            {
                sums[i] = products[i] * tree.Values[at];
            }

            return;
        }

        sums.Clear();
        var next = node.Next(row[node.Feature]);
        // First both branches: they add to the same value where the feature is split on again.
        var contribution =
            Branch(tree, node.True, next == node.True, level, row, values, workspace)
            + Branch(tree, node.False, next == node.False, level, row, values, workspace);
        values[node.Feature] += contribution;
    }

    /// <summary>Adds the sums of a child to those of its parent. Returns what the split contributes to its feature there.</summary>
    private static double Branch(
        ExplainedTree tree,
        int child,
        bool taken,
        int level,
        ReadOnlySpan<float> row,
        Span<double> values,
        TreeExplainerWorkspace workspace
    )
    {
        var above = tree.Above[child];
        var followed = taken && (above < 0 || workspace.Followed[above]);
        var share = tree.Shares[child];
        if (!followed && share == 0)
        {
            // The leaves below are worth nothing, whether the feature is known or not.
            return 0;
        }

        workspace.Followed[child] = followed;
        var one = followed ? 1.0 : 0.0;
        // The factor of an earlier split on the same feature is replaced. If there is none, it is 1 and contributes nothing.
        var earlierShare = above < 0 ? 1 : tree.Shares[above];
        var earlierOne = above < 0 || workspace.Followed[above] ? 1.0 : 0.0;
        var points = tree.Rule.Points;
        var start = (level + 1) * points.Length;
        var products = workspace.Products.AsSpan(start, points.Length);
        var parentProducts = workspace.Products.AsSpan(start - points.Length, points.Length);
        for (var i = 0; i < points.Length; i++)
        {
            products[i] = parentProducts[i] * Factor(points[i], share, one) / Factor(points[i], earlierShare, earlierOne);
        }

        Visit(tree, child, level + 1, row, values, workspace);
        var weights = tree.Rule.Weights;
        var sums = workspace.Sums.AsSpan(start, points.Length);
        var parentSums = workspace.Sums.AsSpan(start - points.Length, points.Length);
        var contribution = 0.0;
        for (var i = 0; i < points.Length; i++)
        {
            var difference =
                (one - share) / Factor(points[i], share, one) - (earlierOne - earlierShare) / Factor(points[i], earlierShare, earlierOne);
            contribution += weights[i] * sums[i] * difference;
            parentSums[i] += sums[i];
        }

        return contribution;
    }

    /// <summary>The factor of a feature that is known with the probability <paramref name="point"/>; above 0.</summary>
    private static double Factor(double point, double share, double one) => share * (1 - point) + one * point;
}
