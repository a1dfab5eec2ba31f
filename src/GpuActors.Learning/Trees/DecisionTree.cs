using System.Collections.Immutable;

namespace GpuActors.Learning.Trees;

/// <summary>One tree of an ensemble. Its root is node 0.</summary>
/// <param name="Nodes">All nodes; each is reached from the root on exactly one way.</param>
/// <param name="Target">Index of the target or class whose margin the tree adds to, from 0.</param>
/// <param name="Weight">Factor of the leaf values: the weight of a DART tree, or one over the number of averaged trees.</param>
public sealed record DecisionTree(ImmutableArray<TreeNode> Nodes, int Target = 0, double Weight = 1)
{
    /// <summary>Index of the leaf that a row ends in.</summary>
    /// <param name="row">The features; NaN is missing.</param>
    public int LeafOf(ReadOnlySpan<float> row)
    {
        var at = 0;
        while (!Nodes[at].IsLeaf)
        {
            at = Nodes[at].Next(row[Nodes[at].Feature]);
        }

        return at;
    }

    /// <summary>Length of the longest way from the root to a leaf; 0 for a single leaf.</summary>
    public int Depth()
    {
        var deepest = 0;
        var open = new Stack<(int Node, int Depth)>([(0, 0)]);
        while (open.TryPop(out var next))
        {
            var node = Nodes[next.Node];
            deepest = Math.Max(deepest, next.Depth);
            if (!node.IsLeaf)
            {
                open.Push((node.True, next.Depth + 1));
                open.Push((node.False, next.Depth + 1));
            }
        }

        return deepest;
    }
}
