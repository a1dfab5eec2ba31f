using System.Collections.Immutable;

namespace GpuActors.Learning.Trees;

/// <summary>What <see cref="TreeExplainer"/> needs of a tree and what does not depend on the row. Immutable.</summary>
internal sealed class ExplainedTree
{
    /// <summary>Longest way from the root to a leaf. Trained trees have below 100; a row is explained by recursion.</summary>
    private const int MaxDepth = 1000;

    // Below it a share is 0: products of shares must not lose their precision among the denormal numbers.
    private const double Tiny = 1e-150;

    /// <summary>Prepares a tree.</summary>
    /// <param name="tree">A tree of a valid ensemble.</param>
    /// <param name="index">Index of the tree, for errors.</param>
    /// <param name="single">Whether leaf values are summed in float32.</param>
    /// <param name="rules">The rules made so far, by their number of points.</param>
    /// <exception cref="InvalidDataException">A cover is missing or no share follows from it, or the tree is too deep.</exception>
    public ExplainedTree(DecisionTree tree, int index, bool single, Dictionary<int, GaussLegendre> rules)
    {
        Nodes = tree.Nodes;
        Target = tree.Target;
        Depth = tree.Depth();
        if (Depth > MaxDepth)
        {
            throw new InvalidDataException($"tree {index} has depth {Depth}: trees up to {MaxDepth} can be explained");
        }

        Above = new int[Nodes.Length];
        Shares = new double[Nodes.Length];
        Values = new double[Nodes.Length];
        var parents = new int[Nodes.Length];
        // Number of different features on the way to each node.
        var features = new int[Nodes.Length];
        var mostFeatures = 0;
        // Reach: the share of training rows that come to the node.
        var open = new Stack<(int Node, double Reach)>([(0, 1)]);
        (parents[0], Above[0], Shares[0]) = (-1, -1, 1);
        while (open.TryPop(out var next))
        {
            var (at, reach) = next;
            var node = Nodes[at];
            mostFeatures = Math.Max(mostFeatures, features[at]);
            if (node.IsLeaf)
            {
                var value = tree.Weight * node.Value;
                Values[at] = single ? (float)value : value;
                Expected += reach * Values[at];
                continue;
            }

            var above = at;
            while (above > 0 && Nodes[parents[above]].Feature != node.Feature)
            {
                above = parents[above];
            }

            var total = Cover(index, node.True) + Cover(index, node.False);
            if (total <= 0 || !double.IsFinite(total))
            {
                throw new InvalidDataException(
                    $"tree {index}, node {at}: the covers of its children add up to {total}: they must be above 0 to explain predictions"
                );
            }

            foreach (var child in (ReadOnlySpan<int>)[node.True, node.False])
            {
                var share = Nodes[child].Cover / total;
                parents[child] = at;
                Above[child] = above > 0 ? above : -1;
                features[child] = features[at] + (above > 0 ? 0 : 1);
                Shares[child] = share * (above > 0 ? Shares[above] : 1);
                Shares[child] = Shares[child] < Tiny ? 0 : Shares[child];
                open.Push((child, reach * share));
            }
        }

        var points = Math.Max(1, (mostFeatures + 1) / 2);
        if (!rules.TryGetValue(points, out var rule))
        {
            rules[points] = rule = new GaussLegendre(points);
        }

        Rule = rule;
    }

    /// <summary>The nodes.</summary>
    public ImmutableArray<TreeNode> Nodes { get; }

    /// <summary>The target that the tree adds to.</summary>
    public int Target { get; }

    /// <summary>Length of the longest way to a leaf.</summary>
    public int Depth { get; }

    /// <summary>Mean over the training rows, by their covers.</summary>
    public double Expected { get; }

    /// <summary>Integrates exactly the polynomials that occur in the tree.</summary>
    public GaussLegendre Rule { get; }

    /// <summary>Each leaf's value times the tree's weight.</summary>
    public double[] Values { get; }

    /// <summary>For each node the nearest node above it whose parent splits on the same feature as its own parent; -1 if there is
    /// none.</summary>
    public int[] Above { get; }

    /// <summary>For each node the share of training rows that go its way at all splits of its way on the feature of its parent; 0 to
    /// 1.</summary>
    public double[] Shares { get; }

    private double Cover(int index, int at)
    {
        var cover = Nodes[at].Cover;
        return cover >= 0
            ? cover
            : throw new InvalidDataException(
                $"tree {index}, node {at}: cover {cover}: to explain predictions, each node below the root must have its weight of "
                    + "training rows (leaf_count and internal_count in LightGBM, sum_hessian in XGBoost)"
            );
    }
}
