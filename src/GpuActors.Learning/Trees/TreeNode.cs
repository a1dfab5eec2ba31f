namespace GpuActors.Learning.Trees;

/// <summary>How a split compares a feature with its threshold. The comparison is made in float32.</summary>
public enum TreeComparison
{
    /// <summary>The row goes to the true child if the feature is less than the threshold, as in XGBoost.</summary>
    Less,

    /// <summary>The row goes to the true child if the feature is less than or equal to the threshold, as in LightGBM.</summary>
    LessOrEqual,
}

/// <summary>One node of a tree: a split on one feature, or a leaf with its value.</summary>
public readonly record struct TreeNode
{
    /// <summary>Index of the feature that a split reads, from 0; -1 for a leaf.</summary>
    public int Feature { get; private init; }

    /// <summary>Threshold of a split. Infinity is allowed, NaN is not. 0 for a leaf.</summary>
    public float Threshold { get; private init; }

    /// <summary>Comparison of a split.</summary>
    public TreeComparison Comparison { get; private init; }

    /// <summary>Whether a row whose feature is missing (NaN) goes to the true child.</summary>
    public bool MissingIsTrue { get; private init; }

    /// <summary>Index of the node that a row goes to if the comparison holds; -1 for a leaf.</summary>
    public int True { get; private init; }

    /// <summary>Index of the node that a row goes to if the comparison does not hold; -1 for a leaf.</summary>
    public int False { get; private init; }

    /// <summary>Value of a leaf, without the weight of its tree; 0 for a split.</summary>
    public double Value { get; private init; }

    /// <summary>Weight of the training rows that reached the node (sum of hessians in XGBoost, number of rows in LightGBM); NaN if the
    /// model does not say it. Explanations need it.</summary>
    public double Cover { get; private init; }

    /// <summary>Reduction of the loss by a split; NaN if the model does not say it, 0 for a leaf.</summary>
    public double Gain { get; private init; }

    /// <summary>Whether the node is a leaf.</summary>
    public bool IsLeaf => Feature < 0;

    /// <summary>A leaf.</summary>
    /// <param name="value">Its value, finite.</param>
    /// <param name="cover"><see cref="Cover"/>.</param>
    public static TreeNode Leaf(double value, double cover = double.NaN) =>
        new()
        {
            Feature = -1,
            True = -1,
            False = -1,
            Value = value,
            Cover = cover,
        };

    /// <summary>A split.</summary>
    /// <param name="feature">Index of the feature, at least 0.</param>
    /// <param name="comparison">How the feature is compared.</param>
    /// <param name="threshold">With what it is compared.</param>
    /// <param name="missingIsTrue">Whether a missing feature goes to the true child.</param>
    /// <param name="whenTrue">Index of the true child.</param>
    /// <param name="whenFalse">Index of the false child.</param>
    /// <param name="cover"><see cref="Cover"/>.</param>
    /// <param name="gain"><see cref="Gain"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="feature"/> is negative.</exception>
    public static TreeNode Split(
        int feature,
        TreeComparison comparison,
        float threshold,
        bool missingIsTrue,
        int whenTrue,
        int whenFalse,
        double cover = double.NaN,
        double gain = double.NaN
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        return new()
        {
            Feature = feature,
            Comparison = comparison,
            Threshold = threshold,
            MissingIsTrue = missingIsTrue,
            True = whenTrue,
            False = whenFalse,
            Cover = cover,
            Gain = gain,
        };
    }

    /// <summary>The child that a value of the node's feature goes to.</summary>
    /// <param name="value">Value of the feature; NaN is missing.</param>
    public int Next(float value)
    {
        var holds =
            float.IsNaN(value) ? MissingIsTrue
            : Comparison == TreeComparison.Less ? value < Threshold
            : value <= Threshold;
        return holds ? True : False;
    }
}
