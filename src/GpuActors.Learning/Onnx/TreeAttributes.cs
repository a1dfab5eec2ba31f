using GpuActors.Learning.Onnx.Format;
using GpuActors.Learning.Trees;

namespace GpuActors.Learning.Onnx;

/// <summary>The attributes of an ensemble's TreeEnsembleRegressor.</summary>
internal static class TreeAttributes
{
    public static IEnumerable<AttributeProto> Of(TreeEnsemble ensemble)
    {
        // ONNX Runtime adds the base values after the trees. XGBoost starts from the base margin: in float32 the order changes the last
        // digit. So the base margins come first, as trees of one leaf each.
        IReadOnlyList<DecisionTree> trees =
        [
            .. ensemble.BaseMargins.Select((margin, target) => new DecisionTree([TreeNode.Leaf(margin)], target)),
            .. ensemble.Trees,
        ];
        var nodes = trees.SelectMany((tree, t) => tree.Nodes.Select((node, n) => (t, n, node))).ToList();
        var leaves = trees.SelectMany((tree, t) => tree.Nodes.Select((node, n) => (t, n, node, tree))).Where(l => l.node.IsLeaf).ToList();
        return
        [
            OnnxGraphBuilder.Int("n_targets", ensemble.Targets),
            OnnxGraphBuilder.Ints("nodes_treeids", nodes.Select(x => (long)x.t)),
            OnnxGraphBuilder.Ints("nodes_nodeids", nodes.Select(x => (long)x.n)),
            OnnxGraphBuilder.Ints("nodes_featureids", nodes.Select(x => (long)Math.Max(0, x.node.Feature))),
            OnnxGraphBuilder.Strings("nodes_modes", nodes.Select(x => Mode(x.node))),
            OnnxGraphBuilder.Ints("nodes_truenodeids", nodes.Select(x => (long)Math.Max(0, x.node.True))),
            OnnxGraphBuilder.Ints("nodes_falsenodeids", nodes.Select(x => (long)Math.Max(0, x.node.False))),
            OnnxGraphBuilder.Ints("nodes_missing_value_tracks_true", nodes.Select(x => x.node.MissingIsTrue ? 1L : 0L)),
            OnnxGraphBuilder.Ints("target_treeids", leaves.Select(x => (long)x.t)),
            OnnxGraphBuilder.Ints("target_nodeids", leaves.Select(x => (long)x.n)),
            OnnxGraphBuilder.Ints("target_ids", leaves.Select(x => (long)x.tree.Target)),
            .. ensemble.Sum == TreeSum.Single
                ? new[]
                {
                    OnnxGraphBuilder.Floats("nodes_values", nodes.Select(x => x.node.Threshold)),
                    OnnxGraphBuilder.Floats("target_weights", leaves.Select(x => (float)(x.tree.Weight * x.node.Value))),
                }
                :
                [
                    OnnxGraphBuilder.Doubles("nodes_values_as_tensor", [.. nodes.Select(x => (double)x.node.Threshold)]),
                    OnnxGraphBuilder.Doubles("target_weights_as_tensor", [.. leaves.Select(x => x.tree.Weight * x.node.Value)]),
                ],
        ];
    }

    private static string Mode(TreeNode node) =>
        node.IsLeaf ? "LEAF"
        : node.Comparison == TreeComparison.Less ? "BRANCH_LT"
        : "BRANCH_LEQ";
}
