using static System.FormattableString;

namespace GpuActors.Learning.Training;

/// <summary>How a boosted model is trained.</summary>
public sealed record BoosterSettings
{
    /// <summary>Number of trees, at least 1.</summary>
    public int Trees { get; init; } = 200;

    /// <summary>Leaves of a tree, at least 2.</summary>
    public int Leaves { get; init; } = 15;

    /// <summary>Depth of a tree, at least 1; 0 means that only <see cref="Leaves"/> limits it.</summary>
    public int Depth { get; init; }

    /// <summary>Learning rate, above 0 to 1.</summary>
    public double LearningRate { get; init; } = 0.03;

    /// <summary>Rows that a leaf has at least.</summary>
    public int LeafRows { get; init; } = 20;

    /// <summary>Sum of p(1 - p) of the rows of a leaf, at least: about the number of expected events of a leaf, if events are
    /// rare.</summary>
    public double LeafHessian { get; init; } = 0.001;

    /// <summary>L2 penalty of leaf values, at least 0.</summary>
    public double Lambda { get; init; }

    /// <summary>
    /// Largest value of a leaf before the learning rate, above 0; 0 for no limit. Where events are rare, one step would otherwise bring the
    /// rows of a clear sign to certainty, and nothing that follows could correct it.
    /// </summary>
    public double MaxStep { get; init; }

    /// <summary>Share of the features that a tree may use, above 0 to 1.</summary>
    public double FeatureShare { get; init; } = 1;

    /// <summary>Share of the rows that a tree uses, above 0 to 1.</summary>
    public double RowShare { get; init; } = 1;

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Threads, at least 1. They do not change the result.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The settings as parameters of LightGBM; number of trees and threads are given apart.</summary>
    public string Parameters() =>
        string.Join(
            ' ',
            Invariant($"objective=binary num_leaves={Leaves} max_depth={(Depth == 0 ? -1 : Depth)} learning_rate={LearningRate}"),
            Invariant($"min_data_in_leaf={LeafRows} min_sum_hessian_in_leaf={LeafHessian} lambda_l2={Lambda} seed={Seed}"),
            Invariant($"feature_fraction={FeatureShare} bagging_fraction={RowShare} bagging_freq={(RowShare < 1 ? 1 : 0)}"),
            Invariant($"max_delta_step={MaxStep}")
        );
}
