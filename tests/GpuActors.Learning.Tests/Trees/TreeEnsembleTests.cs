using GpuActors.Learning.Trees;

namespace GpuActors.Learning.Tests.Trees;

public sealed class TreeEnsembleTests
{
    public static TheoryData<string, TreeNode[]> Damaged =>
        new()
        {
            { "tree 0, node 0: child 3", [Split(1, 3), TreeNode.Leaf(1), TreeNode.Leaf(1)] },
            { "tree 0, node 1 is the child of two nodes", [Split(1, 1), TreeNode.Leaf(1)] },
            { "tree 0, node 1: child 0", [Split(1, 2), Split(0, 2), TreeNode.Leaf(1)] },
            { "tree 0: 1 nodes are not reached", [TreeNode.Leaf(1), TreeNode.Leaf(1)] },
            { "tree 0, node 0: leaf value NaN", [TreeNode.Leaf(double.NaN)] },
            { "tree 0, node 0: feature 1", [Split(1, 2, feature: 1), TreeNode.Leaf(1), TreeNode.Leaf(1)] },
            { "threshold NaN", [Split(1, 2, threshold: float.NaN), TreeNode.Leaf(1), TreeNode.Leaf(1)] },
            { "tree 0 has no nodes", [] },
        };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_damaged_tree_is_refused_with_its_place(string reason, TreeNode[] nodes) =>
        Assert.Contains(
            reason,
            Assert.Throws<InvalidDataException>(() => new TreeEnsemble(1, [0], [new DecisionTree([.. nodes])])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_target_that_the_model_does_not_have_is_refused() =>
        Assert.Throws<InvalidDataException>(() => new TreeEnsemble(1, [0], [new DecisionTree([TreeNode.Leaf(1)], 1)]));

    [Fact]
    public void Names_must_be_unique_and_one_per_feature()
    {
        Assert.Throws<InvalidDataException>(() => new TreeEnsemble(2, [0], [], featureNames: ["a"]));
        Assert.Throws<InvalidDataException>(() => new TreeEnsemble(2, [0], [], featureNames: ["a", "a"]));
    }

    [Fact]
    public void The_depth_is_the_longest_way_to_a_leaf() =>
        Assert.Equal(2, new DecisionTree([Split(1, 2), TreeNode.Leaf(1), Split(3, 4), TreeNode.Leaf(1), TreeNode.Leaf(2)]).Depth());

    private static TreeNode Split(int whenTrue, int whenFalse, int feature = 0, float threshold = 0) =>
        TreeNode.Split(feature, TreeComparison.Less, threshold, false, whenTrue, whenFalse);
}
