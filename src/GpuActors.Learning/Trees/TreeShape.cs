using System.Collections.Immutable;

namespace GpuActors.Learning.Trees;

/// <summary>Collects the nodes of a tree that its root reaches, from the arrays of a file that may be damaged.</summary>
internal static class TreeShape
{
    /// <summary>Nodes in preorder, numbered anew from 0.</summary>
    /// <param name="root">The file's number of the root.</param>
    /// <param name="children">The children of a node, or null for a leaf. Throws if the node does not exist.</param>
    /// <param name="create">Creates the node from its number in the file and the new numbers of its children.</param>
    /// <param name="place">Says in an error where a node is.</param>
    /// <exception cref="InvalidDataException">A node is reached twice: a cycle, or two parents.</exception>
    public static ImmutableArray<TreeNode> Collect(
        int root,
        Func<int, (int True, int False)?> children,
        Func<int, int, int, TreeNode> create,
        Func<int, string> place
    )
    {
        var order = new List<(int Node, (int True, int False)? Children)>();
        var numbers = new Dictionary<int, int>();
        var open = new Stack<int>([root]);
        while (open.TryPop(out var node))
        {
            if (!numbers.TryAdd(node, order.Count))
            {
                throw new InvalidDataException($"{place(node)} is the child of two nodes, or its own descendant: the file is damaged");
            }

            var below = children(node);
            order.Add((node, below));
            if (below is var (whenTrue, whenFalse))
            {
                open.Push(whenFalse);
                open.Push(whenTrue);
            }
        }

        return
        [
            .. order.Select(n =>
                n.Children is var (whenTrue, whenFalse) ? create(n.Node, numbers[whenTrue], numbers[whenFalse]) : create(n.Node, -1, -1)
            ),
        ];
    }
}
