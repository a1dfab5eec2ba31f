namespace GpuActors.Learning.Trees;

/// <summary>The memory that a <see cref="TreeExplainer"/> computes in. One per thread.</summary>
public sealed class TreeExplainerWorkspace
{
    /// <summary>Creates a workspace for one explainer.</summary>
    /// <param name="explainer">The explainer.</param>
    public TreeExplainerWorkspace(TreeExplainer explainer)
    {
        ArgumentNullException.ThrowIfNull(explainer);
        Explainer = explainer;
        var cells = 1;
        var nodes = 1;
        foreach (var tree in explainer.Trees)
        {
            cells = Math.Max(cells, (tree.Depth + 1) * tree.Rule.Points.Length);
            nodes = Math.Max(nodes, tree.Nodes.Length);
        }

        Products = new double[cells];
        Sums = new double[cells];
        Followed = new bool[nodes];
    }

    internal TreeExplainer Explainer { get; }

    /// <summary>By depth and point of the rule, the product of the factors of the features on the way from the root.</summary>
    internal double[] Products { get; }

    /// <summary>By depth and point of the rule, the sum of leaf value times product over the leaves below a node.</summary>
    internal double[] Sums { get; }

    /// <summary>By node, whether the row goes its way at all splits of its way on the feature of its parent.</summary>
    internal bool[] Followed { get; }
}
