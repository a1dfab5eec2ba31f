using System.Collections.Immutable;
using System.Globalization;

namespace GpuActors.Learning.Trees;

/// <summary>
/// Reads models in the text format of LightGBM (<c>Booster.save_model</c>, versions v3 and v4). Categorical splits, linear trees and
/// unknown objectives are refused by name.
/// </summary>
public static class LightGbmText
{
    // kZeroThreshold of LightGBM's meta.h: what lies within is zero.
    private const float Zero = 1e-35f;
    private const int Categorical = 1;
    private const int DefaultLeft = 2;

    private enum Missing
    {
        None,
        Zero,
        Nan,
    }

    /// <summary>Whether a text is a model of LightGBM, by its first line.</summary>
    public static bool IsModel(string text) =>
        text is not null && (text.StartsWith("tree\n", StringComparison.Ordinal) || text.StartsWith("tree\r\n", StringComparison.Ordinal));

    /// <summary>Reads a model. The margin of a random forest is the mean over its iterations, from which LightGBM computes predictions; its
    /// raw scores are sums.</summary>
    /// <param name="text">Content of the file.</param>
    /// <exception cref="InvalidDataException">The text is no such model, is damaged, or needs what is not supported; the message says the
    /// tree and the node (an internal node or a leaf, as LightGBM counts them).</exception>
    public static TreeEnsemble Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsModel(text))
        {
            throw new InvalidDataException("The text is no LightGBM model: its first line must be 'tree'");
        }

        var sections = Sections(text);
        var header = sections[0];
        var version = header.Text("version");
        if (version is not ("v3" or "v4"))
        {
            throw new InvalidDataException($"LightGBM model version '{version}': v3 and v4 are supported");
        }

        var perIteration = header.Integer("num_tree_per_iteration");
        if (perIteration is < 1 or > TreeEnsemble.MaxTargets)
        {
            throw new InvalidDataException($"num_tree_per_iteration={perIteration}: it must be from 1 to {TreeEnsemble.MaxTargets}");
        }

        var features = header.Integer("max_feature_idx") + 1;
        var trees = sections.Skip(1).Select(section => Tree(section, features)).ToList();
        if (trees.Count % perIteration != 0)
        {
            throw new InvalidDataException($"The model has {trees.Count} trees: it must have a multiple of {perIteration}, one per class");
        }

        var weight = header.Has("average_output") && trees.Count > 0 ? (double)perIteration / trees.Count : 1;
        var (link, scale) = Link(header.TextOr("objective", "custom"));
        return new TreeEnsemble(
            features,
            [.. Enumerable.Repeat(0.0, perIteration)],
            [.. trees.Select((nodes, i) => new DecisionTree(nodes, i % perIteration, weight))],
            link,
            scale,
            [.. header.TextOr("feature_names", "").Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            TreeSum.Double
        );
    }

    private static (TreeLink Link, double Scale) Link(string objective)
    {
        var words = objective.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var sigmoid = words.FirstOrDefault(w => w.StartsWith("sigmoid:", StringComparison.Ordinal));
        var scale = 1.0;
        if (sigmoid is not null && !double.TryParse(sigmoid["sigmoid:".Length..], CultureInfo.InvariantCulture, out scale))
        {
            throw new InvalidDataException($"Objective '{objective}' of LightGBM: its sigmoid is no number");
        }

        if (words.Contains("sqrt"))
        {
            throw new InvalidDataException($"Objective '{objective}' of LightGBM is not supported: train without reg_sqrt");
        }

        return words.FirstOrDefault() switch
        {
            "binary" or "multiclassova" => (TreeLink.Logistic, scale),
            "cross_entropy" or "xentropy" => (TreeLink.Logistic, 1),
            "multiclass" or "softmax" => (TreeLink.Softmax, 1),
            "poisson" or "gamma" or "tweedie" => (TreeLink.Exponential, 1),
            "regression" or "regression_l1" or "huber" or "fair" or "quantile" or "mape" or "lambdarank" or "rank_xendcg" or "custom" => (
                TreeLink.Identity,
                1
            ),
            var other => throw new InvalidDataException(
                $"Objective '{other}' of LightGBM is not supported: supported are binary, multiclass, multiclassova, cross_entropy, "
                    + "poisson, gamma, tweedie, regression and its robust forms, and ranking"
            ),
        };
    }

    private static ImmutableArray<TreeNode> Tree(Section section, int features)
    {
        if (section.IntegerOr("is_linear", 0) != 0)
        {
            throw new InvalidDataException($"{section.Name} is linear: train without linear_tree");
        }

        var leaves = section.Integer("num_leaves");
        if (leaves < 1)
        {
            throw new InvalidDataException($"{section.Name}: num_leaves={leaves}: it must be at least 1");
        }

        var values = section.Doubles("leaf_value", leaves);
        var leafCounts = section.DoublesOr("leaf_count", leaves);
        if (leaves == 1)
        {
            return [TreeNode.Leaf(values[0], leafCounts?[0] ?? double.NaN)];
        }

        var inner = leaves - 1;
        var feature = section.Integers("split_feature", inner);
        var threshold = section.Doubles("threshold", inner);
        var decision = section.Integers("decision_type", inner);
        var left = section.Integers("left_child", inner);
        var right = section.Integers("right_child", inner);
        var gain = section.DoublesOr("split_gain", inner);
        var counts = section.DoublesOr("internal_count", inner);
        return TreeShape.Collect(0, Children, Create, Place);

        (int True, int False)? Children(int node)
        {
            if (node >= inner || ~node >= leaves)
            {
                throw new InvalidDataException($"{Place(node)} does not exist: the tree has {leaves} leaves and {inner} internal nodes");
            }

            return node < 0 ? null : (left[node], right[node]);
        }

        TreeNode Create(int node, int whenTrue, int whenFalse)
        {
            if (node < 0)
            {
                return TreeNode.Leaf(values[~node], leafCounts?[~node] ?? double.NaN);
            }

            if ((decision[node] & Categorical) != 0)
            {
                throw new InvalidDataException($"{Place(node)} splits a categorical feature: train without categorical_feature");
            }

            if (feature[node] < 0 || feature[node] >= features)
            {
                throw new InvalidDataException($"{Place(node)}: feature {feature[node]}: the model has {features} features");
            }

            var (value, missingLeft) = Threshold(threshold[node], decision[node], Place(node));
            return TreeNode.Split(
                feature[node],
                TreeComparison.LessOrEqual,
                value,
                missingLeft,
                whenTrue,
                whenFalse,
                counts?[node] ?? double.NaN,
                gain?[node] ?? double.NaN
            );
        }

        string Place(int node) => node < 0 ? $"{section.Name}, leaf {~node}" : $"{section.Name}, node {node}";
    }

    private static (float Threshold, bool MissingLeft) Threshold(double threshold, int decision, string place)
    {
        if (double.IsNaN(threshold))
        {
            throw new InvalidDataException($"{place}: the threshold is NaN");
        }

        // Rounded down: no float32 lies between the two, so that each one goes the same way.
        var rounded = (float)threshold;
        if (rounded > threshold)
        {
            rounded = float.BitDecrement(rounded);
        }

        var defaultLeft = (decision & DefaultLeft) != 0;
        var missing = (Missing)((decision >> 2) & 3);
        // LightGBM takes all values within the range of zero as 0, wherever the threshold lies in it.
        var atZero = Math.Abs(rounded) <= Zero;
        var besideZero =
            !atZero ? rounded
            : threshold >= 0 ? Zero
            : float.BitDecrement(-Zero);
        switch (missing)
        {
            case Missing.None:
                return (besideZero, threshold >= 0);
            case Missing.Nan:
                return (besideZero, defaultLeft);
            case Missing.Zero when atZero || defaultLeft == threshold >= 0:
                // Zeros go the default way with the missing values. That is one comparison where the default way is that of their value, or
                // where the threshold lies among them.
                return (
                    !atZero ? rounded
                    : defaultLeft ? Zero
                    : float.BitDecrement(-Zero),
                    defaultLeft
                );
            case Missing.Zero:
                throw new InvalidDataException(
                    $"{place} treats zero as missing and sends it another way than its value: train with zero_as_missing=false"
                );
            default:
                throw new InvalidDataException($"{place}: decision_type={decision}: its missing type is unknown");
        }
    }

    private static List<Section> Sections(string text)
    {
        var sections = new List<Section> { new("The header") };
        var ended = false;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            if (line == "end of trees")
            {
                ended = true;
                break;
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (line, "") : (line[..equals], line[(equals + 1)..]);
            if (key == "Tree")
            {
                sections.Add(new Section($"Tree {value}"));
            }
            else if (key.Length > 0)
            {
                sections[^1].Add(key, value);
            }
        }

        return ended ? sections : throw new InvalidDataException("The line 'end of trees' is missing: the file is truncated");
    }

    private sealed class Section(string name)
    {
        private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

        public string Name => name;

        public void Add(string key, string value) => _values[key] = value;

        public bool Has(string key) => _values.ContainsKey(key);

        public string TextOr(string key, string other) => _values.GetValueOrDefault(key, other);

        public string Text(string key) => _values.GetValueOrDefault(key) ?? throw new InvalidDataException($"{name} has no line '{key}='");

        public int Integer(string key) => Parse<int>(key, Text(key));

        public int IntegerOr(string key, int other) => Has(key) ? Integer(key) : other;

        public int[] Integers(string key, int count) => List<int>(key, count);

        public double[] Doubles(string key, int count) => List<double>(key, count);

        public double[]? DoublesOr(string key, int count) => Has(key) ? List<double>(key, count) : null;

        private T[] List<T>(string key, int count)
            where T : ISpanParsable<T>
        {
            var words = Text(key).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length == count
                ? [.. words.Select(w => Parse<T>(key, w))]
                : throw new InvalidDataException($"{name}: '{key}=' has {words.Length} values: it must have {count}");
        }

        private T Parse<T>(string key, string word)
            where T : ISpanParsable<T> =>
            T.TryParse(Infinite(word), CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new InvalidDataException($"{name}: '{key}=' has the value '{word}', which is no number");

        // A split of missing from present values has the threshold inf, as C++ writes it.
        private static string Infinite(string word) =>
            word switch
            {
                "inf" => "Infinity",
                "-inf" => "-Infinity",
                _ => word,
            };
    }
}
