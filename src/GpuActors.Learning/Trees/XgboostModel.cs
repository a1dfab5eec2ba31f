using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace GpuActors.Learning.Trees;

/// <summary>
/// Reads models of XGBoost 1.5 to 3.x, saved as JSON or UBJSON, with the boosters gbtree and dart. Other boosters, objectives whose
/// predictions no link of <see cref="TreeLink"/> gives, categorical splits and trees with several outputs are refused by name.
/// </summary>
public static class XgboostModel
{
    /// <summary>Reads a model. Of <c>multi:softmax</c> the predictions are the probabilities of all classes (as of
    /// <c>multi:softprob</c>), not the class.</summary>
    /// <param name="file">Content of the file.</param>
    /// <param name="allRounds">False: a model with <c>best_iteration</c> (early stopping) has the rounds up to it, as predictions of
    /// XGBoost's scikit-learn interface do. True: all rounds, as predictions of a <c>Booster</c> do.</param>
    /// <exception cref="InvalidDataException">The file is no such model, is damaged, or needs what is not supported; the message says the
    /// place, such as tree and node.</exception>
    public static TreeEnsemble Read(byte[] file, bool allRounds = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.AsSpan().StartsWith("binf"u8))
        {
            throw new InvalidDataException("The model is in XGBoost's old binary format: load it there and save it as .json or .ubj");
        }

        try
        {
            using var document = JsonDocument.Parse(UbjsonText.IsUbjson(file) ? UbjsonText.ToJson(file) : Quoted(file));
            return Read(new Part(document.RootElement, "the model"), allRounds);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is no valid UTF-8, or half of a surrogate pair.
            throw new InvalidDataException($"The file is no valid JSON or UBJSON: {e.Message}", e);
        }
    }

    private static TreeEnsemble Read(Part root, bool allRounds)
    {
        Version(root);
        var learner = root.Get("learner");
        var parameters = learner.Get("learner_model_param");
        var features = parameters.Get("num_feature").Integer();
        var classes = parameters.Get("num_class").Integer();
        var outputs = parameters.Find("num_target")?.Integer() ?? 1;
        var (trees, info, weights) = Booster(learner.Get("gradient_booster"), out var model);
        if (info.Length != trees.Count)
        {
            throw new InvalidDataException($"The model has {trees.Count} trees, but 'tree_info' has {info.Length} entries");
        }

        var targets = Math.Max(1, Math.Max(classes, outputs));
        if (targets > TreeEnsemble.MaxTargets)
        {
            throw new InvalidDataException($"The model has {targets} classes or targets: at most {TreeEnsemble.MaxTargets} are supported");
        }

        var (link, toMargin) = Objective(learner.Get("objective").Get("name").Text());
        var used = allRounds ? trees.Count : TreesOfBestRounds(learner, model, targets, trees.Count);
        return new TreeEnsemble(
            features,
            BaseMargins(parameters.Get("base_score"), targets, toMargin),
            [
                .. trees
                    .Take(used)
                    .Select((tree, i) => new DecisionTree(Tree(i, tree, features), info[i], weights.Length == 0 ? 1 : weights[i])),
            ],
            // A multi-class objective with one class has one margin, whose softmax is 1.
            link,
            featureNames: [.. learner.Find("feature_names")?.Items().Select(name => name.Text()) ?? []]
        );
    }

    private static void Version(Part root)
    {
        var version = root.Get("version").Integers();
        if (version.Length < 2 || version[0] is < 1 or > 3 || (version[0] == 1 && version[1] < 5))
        {
            throw new InvalidDataException(
                $"The model was saved by XGBoost {string.Join('.', version)}: 1.5 to 3.x are supported, load it there and save it again"
            );
        }
    }

    private static (List<Part> Trees, int[] Info, float[] Weights) Booster(Part booster, out Part model)
    {
        var name = booster.Get("name").Text();
        switch (name)
        {
            case "gbtree":
                model = booster.Get("model");
                break;
            case "dart":
                model = booster.Get("gbtree").Get("model");
                break;
            default:
                throw new InvalidDataException($"Booster '{name}' of XGBoost is not supported: gbtree and dart are");
        }

        var trees = model.Get("trees").Items().ToList();
        var weights = name == "dart" ? booster.Get("weight_drop").Floats() : [];
        if (name == "dart" && weights.Length != trees.Count)
        {
            throw new InvalidDataException($"The model has {trees.Count} trees, but 'weight_drop' has {weights.Length} entries");
        }

        return (trees, model.Get("tree_info").Integers(), weights);
    }

    // Which link gives XGBoost's predictions, and how its base_score becomes a margin. XGBoost computes both in float32.
    private static (TreeLink Link, Func<float, float> ToMargin) Objective(string name)
    {
        switch (name)
        {
            case "binary:logistic" or "reg:logistic":
                return (TreeLink.Logistic, Logit);
            case "count:poisson" or "reg:gamma" or "reg:tweedie" or "survival:cox":
                return (TreeLink.Exponential, Log);
            case "multi:softprob" or "multi:softmax":
                return (TreeLink.Softmax, Same);
            // The base score of binary:logitraw is a margin already, other than that of binary:logistic.
            case "binary:logitraw"
            or "reg:squarederror"
            or "reg:linear"
            or "reg:squaredlogerror"
            or "reg:absoluteerror"
            or "reg:pseudohubererror"
            or "rank:pairwise"
            or "rank:ndcg"
            or "rank:map":
                return (TreeLink.Identity, Same);
            default:
                throw new InvalidDataException(
                    $"Objective '{name}' of XGBoost is not supported: supported are binary:logistic, binary:logitraw, reg:logistic, "
                        + "multi:softprob, multi:softmax, count:poisson, reg:gamma, reg:tweedie, survival:cox, reg:squarederror, "
                        + "reg:squaredlogerror, reg:absoluteerror, reg:pseudohubererror and rank:*"
                );
        }

        static float Same(float score) => score;
        static float Logit(float score) =>
            score is > 0 and < 1
                ? -MathF.Log(1 / score - 1)
                : throw new InvalidDataException(
                    $"base_score {score}: with a logistic objective it must be a probability, above 0 and below 1"
                );
        static float Log(float score) =>
            score > 0 ? MathF.Log(score) : throw new InvalidDataException($"base_score {score}: with a log link it must be above 0");
    }

    // A number, a text with a number, or a list of either kind with one entry per target, as text or as JSON.
    private static ImmutableArray<double> BaseMargins(Part part, int targets, Func<float, float> toMargin)
    {
        var scores =
            part.Element.ValueKind == JsonValueKind.Array ? part.Floats()
            : part.Element.ValueKind == JsonValueKind.String && part.Text().StartsWith('[')
                ? [.. part.Text().Trim('[', ']').Split(',', StringSplitOptions.TrimEntries).Select(part.Float)]
            : [part.Float()];
        if (scores.Length != 1 && scores.Length != targets)
        {
            throw new InvalidDataException($"'base_score' has {scores.Length} entries: it must have one, or one per target ({targets})");
        }

        // The logit of 0.5 is -0 in float32, which is shown as 0.
        return [.. Enumerable.Range(0, targets).Select(t => 0.0 + toMargin(scores[scores.Length == 1 ? 0 : t]))];
    }

    private static int TreesOfBestRounds(Part learner, Part model, int targets, int trees)
    {
        if (learner.Find("attributes")?.Find("best_iteration") is not { } best)
        {
            return trees;
        }

        var rounds = best.Integer() + 1L;
        if (model.Find("iteration_indptr")?.Integers() is { Length: > 0 } starts)
        {
            return rounds >= 1 && rounds < starts.Length && starts[rounds] >= 0 && starts[rounds] <= trees
                ? starts[rounds]
                : throw new InvalidDataException($"best_iteration {rounds - 1}: the model has {starts.Length - 1} rounds");
        }

        var parallel = model.Get("gbtree_model_param").Find("num_parallel_tree")?.Integer() ?? 1;
        var used = (Int128)rounds * targets * parallel;
        return rounds >= 1 && parallel >= 1 && used <= trees
            ? (int)used
            : throw new InvalidDataException(
                $"best_iteration {rounds - 1}: rounds of {parallel} trees for {targets} targets need {used} trees, the model has {trees}"
            );
    }

    private static ImmutableArray<TreeNode> Tree(int index, Part tree, int features)
    {
        var place = $"tree {index}";
        var parameters = tree.Get("tree_param");
        var count = parameters.Get("num_nodes").Integer();
        if ((parameters.Find("size_leaf_vector")?.Integer() ?? 0) > 1)
        {
            throw new InvalidDataException($"{place} has several outputs: train with multi_strategy=one_output_per_tree");
        }

        var left = Sized(tree.Get("left_children").Integers(), "left_children");
        var right = Sized(tree.Get("right_children").Integers(), "right_children");
        var feature = Sized(tree.Get("split_indices").Integers(), "split_indices");
        var condition = Sized(tree.Get("split_conditions").Floats(), "split_conditions");
        var defaultLeft = Sized(tree.Get("default_left").Integers(), "default_left");
        var types = tree.Find("split_type")?.Integers() is { Length: > 0 } some ? Sized(some, "split_type") : null;
        var cover = tree.Find("sum_hessian")?.Floats() is { Length: > 0 } hessians ? Sized(hessians, "sum_hessian") : null;
        var gain = tree.Find("loss_changes")?.Floats() is { Length: > 0 } changes ? Sized(changes, "loss_changes") : null;
        // Deleted nodes stay in the arrays; only what the root reaches is read.
        return TreeShape.Collect(0, Children, Create, Place);

        (int True, int False)? Children(int node)
        {
            if (left[node] == -1 && right[node] == -1)
            {
                return null;
            }

            foreach (var child in (ReadOnlySpan<int>)[left[node], right[node]])
            {
                if (child < 1 || child >= count)
                {
                    throw new InvalidDataException($"{Place(node)}: child {child}: the tree has nodes 1 to {count - 1} besides its root");
                }
            }

            return (left[node], right[node]);
        }

        TreeNode Create(int node, int whenTrue, int whenFalse)
        {
            if (whenTrue < 0)
            {
                return float.IsFinite(condition[node])
                    ? TreeNode.Leaf(condition[node], cover?[node] ?? double.NaN)
                    : throw new InvalidDataException($"{Place(node)}: leaf value {condition[node]}: it must be finite");
            }

            if (types is not null && types[node] != 0)
            {
                throw new InvalidDataException($"{Place(node)} splits a categorical feature: train with numbers only");
            }

            if (feature[node] < 0 || feature[node] >= features || float.IsNaN(condition[node]))
            {
                throw new InvalidDataException(
                    $"{Place(node)}: feature {feature[node]}, threshold {condition[node]}: the model has {features} features, and a "
                        + "threshold must be a number"
                );
            }

            return TreeNode.Split(
                feature[node],
                TreeComparison.Less,
                condition[node],
                defaultLeft[node] != 0,
                whenTrue,
                whenFalse,
                cover?[node] ?? double.NaN,
                gain?[node] ?? double.NaN
            );
        }

        string Place(int node) => $"{place}, node {node}";

        T[] Sized<T>(T[] values, string name) =>
            values.Length == count && count > 0
                ? values
                : throw new InvalidDataException($"{place}: '{name}' has {values.Length} entries: it must have {count}, one per node");
    }

    // XGBoost writes Infinity and NaN without quotation marks, which JSON does not know.
    private static byte[] Quoted(byte[] json)
    {
        var output = new List<byte>(json.Length + 64);
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (inText)
            {
                output.Add(c);
                if (c == '\\' && i + 1 < json.Length)
                {
                    output.Add(json[++i]);
                }

                inText = c != '"';
                continue;
            }

            var word = Special(json.AsSpan(i));
            if (word > 0)
            {
                output.Add((byte)'"');
                output.AddRange(json.AsSpan(i, word));
                output.Add((byte)'"');
                i += word - 1;
                continue;
            }

            inText = c == '"';
            output.Add(c);
        }

        return [.. output];
    }

    private static int Special(ReadOnlySpan<byte> json) =>
        json.StartsWith("Infinity"u8) ? 8
        : json.StartsWith("-Infinity"u8) ? 9
        : json.StartsWith("NaN"u8) ? 3
        : 0;

    // An element with its path. XGBoost writes numbers as numbers and as texts.
    private sealed class Part(JsonElement element, string path)
    {
        public JsonElement Element => element;

        public Part Get(string name) =>
            Find(name) ?? throw new InvalidDataException($"{path} has no member '{name}': it is no XGBoost model");

        public Part? Find(string name) =>
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member)
                ? new Part(member, $"{path}.{name}")
                : null;

        public IEnumerable<Part> Items() =>
            element.ValueKind == JsonValueKind.Array
                ? element.EnumerateArray().Select((item, i) => new Part(item, $"{path}[{i}]"))
                : throw Wrong("a list");

        public string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong("a text");

        public int Integer() =>
            element.ValueKind switch
            {
                JsonValueKind.True => 1,
                JsonValueKind.False => 0,
                JsonValueKind.Number when element.TryGetInt32(out var number) => number,
                JsonValueKind.String when int.TryParse(element.GetString(), CultureInfo.InvariantCulture, out var number) => number,
                _ => throw Wrong("an integer"),
            };

        public float Float() =>
            element.ValueKind switch
            {
                JsonValueKind.Number when element.TryGetSingle(out var number) => number,
                JsonValueKind.String => Float(element.GetString()!),
                _ => throw Wrong("a number"),
            };

        public float Float(string text) =>
            float.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong("a number");

        public int[] Integers() => [.. Items().Select(item => item.Integer())];

        public float[] Floats() => [.. Items().Select(item => item.Float())];

        private InvalidDataException Wrong(string expected) => new($"{path} must be {expected}");
    }
}
