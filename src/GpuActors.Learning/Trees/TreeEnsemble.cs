using System.Collections.Immutable;

namespace GpuActors.Learning.Trees;

/// <summary>How a prediction follows from the margins.</summary>
public enum TreeLink
{
    /// <summary>The margin is the prediction.</summary>
    Identity,

    /// <summary>Each target's prediction is 1 / (1 + exp(-margin)).</summary>
    Logistic,

    /// <summary>The predictions are the softmax of the margins of all classes.</summary>
    Softmax,

    /// <summary>The prediction is exp(margin).</summary>
    Exponential,
}

/// <summary>In which precision the leaf values are summed. A model is reproduced best in the precision of its own library.</summary>
public enum TreeSum
{
    /// <summary>In float32 from the base margin on, tree by tree, as XGBoost does.</summary>
    Single,

    /// <summary>In float64, as LightGBM does.</summary>
    Double,
}

/// <summary>
/// A model of decision trees, whatever library trained it: margin of a target = base margin + sum of weight x leaf value over the target's
/// trees. Immutable and valid: a tree without cycles, features in range, finite values.
/// </summary>
public sealed class TreeEnsemble
{
    /// <summary>What readers accept as the largest number of targets: a damaged number must not ask for all memory.</summary>
    internal const int MaxTargets = 10_000;

    /// <summary>Creates an ensemble and checks it.</summary>
    /// <param name="featureCount">Number of features of a row, at least 1.</param>
    /// <param name="baseMargins">Margin of each target without trees, finite; at least one.</param>
    /// <param name="trees">The trees in the order in which they are summed; none is allowed.</param>
    /// <param name="link">How the prediction follows from the margins.</param>
    /// <param name="linkScale">Factor of the margin before the link (the parameter <c>sigmoid</c> of LightGBM), finite and above 0.</param>
    /// <param name="featureNames">Unique names, one per feature; empty if the model has none.</param>
    /// <param name="sum">Precision of the sum.</param>
    /// <exception cref="InvalidDataException">A part is invalid; the message says the tree and the node.</exception>
    public TreeEnsemble(
        int featureCount,
        ImmutableArray<double> baseMargins,
        ImmutableArray<DecisionTree> trees,
        TreeLink link = TreeLink.Identity,
        double linkScale = 1,
        ImmutableArray<string> featureNames = default,
        TreeSum sum = TreeSum.Single
    )
    {
        FeatureCount = featureCount;
        BaseMargins = baseMargins;
        Trees = trees;
        Link = link;
        LinkScale = linkScale;
        FeatureNames = featureNames.IsDefault ? [] : featureNames;
        Sum = sum;
        Validate();
    }

    /// <summary>Number of features of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Names of the features in their order; empty if the model has none.</summary>
    public ImmutableArray<string> FeatureNames { get; }

    /// <summary>Margin of each target without trees.</summary>
    public ImmutableArray<double> BaseMargins { get; }

    /// <summary>Number of targets or classes.</summary>
    public int Targets => BaseMargins.Length;

    /// <summary>The trees, in the order in which they are summed.</summary>
    public ImmutableArray<DecisionTree> Trees { get; }

    /// <summary>How the prediction follows from the margins.</summary>
    public TreeLink Link { get; }

    /// <summary>Factor of the margin before the link.</summary>
    public double LinkScale { get; }

    /// <summary>Precision of the sum.</summary>
    public TreeSum Sum { get; }

    /// <summary>The margins of one row. This is the definition that other evaluations are compared with; ONNX Runtime is faster.</summary>
    /// <param name="row">The features; NaN is missing.</param>
    /// <returns>One margin per target.</returns>
    /// <exception cref="ArgumentException">The row does not have <see cref="FeatureCount"/> values.</exception>
    public double[] Margins(ReadOnlySpan<float> row)
    {
        if (row.Length != FeatureCount)
        {
            throw new ArgumentException($"row.Length = {row.Length}: the model has {FeatureCount} features", nameof(row));
        }

        var margins = BaseMargins.ToArray();
        foreach (var tree in Trees)
        {
            var value = tree.Weight * tree.Nodes[tree.LeafOf(row)].Value;
            margins[tree.Target] = Sum == TreeSum.Single ? (float)margins[tree.Target] + (float)value : margins[tree.Target] + value;
        }

        return margins;
    }

    /// <summary>The predictions that follow from the margins of one row.</summary>
    /// <param name="margins">One margin per target.</param>
    public double[] Predictions(ReadOnlySpan<double> margins)
    {
        var scaled = margins.ToArray();
        for (var i = 0; i < scaled.Length; i++)
        {
            scaled[i] *= LinkScale;
        }

        switch (Link)
        {
            case TreeLink.Logistic:
                return [.. scaled.Select(m => 1 / (1 + Math.Exp(-m)))];
            case TreeLink.Exponential:
                return [.. scaled.Select(Math.Exp)];
            case TreeLink.Softmax:
                var highest = scaled.Max();
                var sum = scaled.Sum(m => Math.Exp(m - highest));
                return [.. scaled.Select(m => Math.Exp(m - highest) / sum)];
            default:
                return scaled;
        }
    }

    private void Validate()
    {
        Check(FeatureCount >= 1, $"the model has {FeatureCount} features: it must have at least one");
        Check(BaseMargins is { IsDefault: false, Length: > 0 }, "the model has no base margin: it must have one per target");
        Check(!Trees.IsDefault, "the model has no list of trees");
        Check(BaseMargins.All(double.IsFinite), $"base margins {string.Join(", ", BaseMargins)}: they must be finite");
        Check(double.IsFinite(LinkScale) && LinkScale > 0, $"scale {LinkScale} of the link: it must be above 0");
        Check(
            Link != TreeLink.Softmax || Targets > 1,
            "a softmax needs at least two classes: a model of two classes with one margin is logistic"
        );
        Check(
            FeatureNames.Length == 0 || FeatureNames.Length == FeatureCount,
            $"the model has {FeatureNames.Length} names for {FeatureCount} features"
        );
        Check(
            FeatureNames.Distinct(StringComparer.Ordinal).Count() == FeatureNames.Length,
            $"a feature name occurs twice: {string.Join(", ", FeatureNames.Take(20))}"
        );
        for (var i = 0; i < Trees.Length; i++)
        {
            Validate(i, Trees[i]);
        }
    }

    private void Validate(int index, DecisionTree tree)
    {
        Check(tree.Nodes is { IsDefault: false, Length: > 0 }, $"tree {index} has no nodes");
        Check(tree.Target >= 0 && tree.Target < Targets, $"tree {index}: target {tree.Target}: the model has targets 0 to {Targets - 1}");
        Check(double.IsFinite(tree.Weight), $"tree {index}: weight {tree.Weight}: it must be finite");
        var reached = new bool[tree.Nodes.Length];
        var open = new Stack<int>([0]);
        var count = 0;
        while (open.TryPop(out var at))
        {
            if (reached[at])
            {
                throw new InvalidDataException($"tree {index}, node {at} is the child of two nodes, or its own descendant");
            }

            reached[at] = true;
            count++;
            var node = tree.Nodes[at];
            if (node.IsLeaf)
            {
                if (!float.IsFinite((float)node.Value))
                {
                    throw new InvalidDataException($"tree {index}, node {at}: leaf value {node.Value}: it must be a finite float32");
                }

                continue;
            }

            if (node.Feature >= FeatureCount || float.IsNaN(node.Threshold))
            {
                throw new InvalidDataException(
                    $"tree {index}, node {at}: feature {node.Feature}, threshold {node.Threshold}: the model has {FeatureCount} features, "
                        + "and a threshold must be a number"
                );
            }

            foreach (var child in (ReadOnlySpan<int>)[node.False, node.True])
            {
                if (child <= 0 || child >= tree.Nodes.Length)
                {
                    throw new InvalidDataException(
                        $"tree {index}, node {at}: child {child}: the tree has nodes 1 to {tree.Nodes.Length - 1} besides its root"
                    );
                }

                open.Push(child);
            }
        }

        Check(count == tree.Nodes.Length, $"tree {index}: {tree.Nodes.Length - count} nodes are not reached from the root");
    }

    private static void Check(bool valid, string problem)
    {
        if (!valid)
        {
            throw new InvalidDataException(problem);
        }
    }
}
