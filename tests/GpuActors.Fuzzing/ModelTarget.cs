using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using GpuActors.Learning.Trees;

namespace GpuActors.Fuzzing;

/// <summary>
/// Model files. A file is either rejected with an <see cref="InvalidDataException"/>, or gives a model that has a margin for every row.
/// </summary>
internal sealed class ModelTarget : FuzzTarget
{
    private const string Xgboost = """
        {"learner":{"attributes":{"best_iteration":"0"},"feature_names":["a","b"],"gradient_booster":{"gbtree":{"model":{
        "gbtree_model_param":{"num_parallel_tree":"1","num_trees":"2"},"tree_info":[0,0],"trees":[
        {"default_left":[1,0,0,0,0],"left_children":[1,-1,3,-1,-1],"right_children":[2,-1,4,-1,-1],"split_conditions":[0.5,-1,Infinity,3,4],
        "split_indices":[1,0,0,0,0],"split_type":[0,0,0,0,0],"tree_param":{"num_nodes":"5","size_leaf_vector":"0"}},
        {"default_left":[0],"left_children":[-1],"right_children":[-1],"split_conditions":[0.25],"split_indices":[0],
        "tree_param":{"num_nodes":"1"}}]},"name":"gbtree"},"name":"dart","weight_drop":[1,0.5]},
        "learner_model_param":{"base_score":"[2.5E-1]","num_class":"0","num_feature":"2","num_target":"1"},
        "objective":{"name":"binary:logistic"}},"version":[2,1,0]}
        """;

    private const string LightGbm =
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=binary sigmoid:1\n"
        + "feature_names=a b\n\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nsplit_gain=3 2\nthreshold=0.5 -1.5e-35\n"
        + "decision_type=10 2\nleft_child=1 -1\nright_child=-3 -2\nleaf_value=1 2 3\nleaf_count=1 2 3\nis_linear=0\nshrinkage=1\n\n"
        + "end of trees\n";

    private static readonly float[][] Rows =
    [
        [0, 0],
        [float.NaN, float.NaN],
        [1, float.PositiveInfinity],
        [float.NegativeInfinity, -1],
    ];

    public override string Name => "model";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Encoding.UTF8.GetBytes(Xgboost), Encoding.UTF8.GetBytes(LightGbm), Ubjson()];

    public override void Renew() { }

    public override string Run(byte[] input, Random random)
    {
        TreeEnsemble model;
        try
        {
            var text = Encoding.UTF8.GetString(input);
            model = LightGbmText.IsModel(text) ? LightGbmText.Read(text) : XgboostModel.Read(input, random.Next(2) == 0);
        }
        catch (InvalidDataException e)
        {
            Require(e.Message.Length > 0, "a reject without words");
            return "malformed";
        }

        // A damaged number of features can be larger; the model then reads none of the others.
        foreach (var row in Rows.Where(_ => model.FeatureCount == 2))
        {
            Require(model.Margins(row).All(m => !double.IsNaN(m)), "a margin is NaN");
        }

        return "accepted";
    }

    private static byte[] Ubjson()
    {
        using var document = JsonDocument.Parse(Xgboost.Replace("Infinity", "1e30", StringComparison.Ordinal));
        var output = new List<byte>();
        Write(output, document.RootElement);
        return [.. output];
    }

    // As XGBoost writes it: lengths of eight bytes, lists of numbers with their type.
    private static void Write(List<byte> output, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                output.Add((byte)'{');
                foreach (var member in element.EnumerateObject())
                {
                    Text(output, member.Name);
                    Write(output, member.Value);
                }

                output.Add((byte)'}');
                break;
            case JsonValueKind.Array when element.EnumerateArray().FirstOrDefault().ValueKind == JsonValueKind.Number:
                var whole = element.EnumerateArray().All(e => e.TryGetInt32(out _));
                output.AddRange("[$"u8);
                output.Add((byte)(whole ? 'l' : 'd'));
                Length(output, '#', element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                {
                    var bytes = new byte[4];
                    if (whole)
                    {
                        BinaryPrimitives.WriteInt32BigEndian(bytes, item.GetInt32());
                    }
                    else
                    {
                        BinaryPrimitives.WriteSingleBigEndian(bytes, item.GetSingle());
                    }

                    output.AddRange(bytes);
                }

                break;
            case JsonValueKind.Array:
                output.Add((byte)'[');
                Length(output, '#', element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                {
                    Write(output, item);
                }

                break;
            default:
                output.Add((byte)'S');
                Text(output, element.GetString()!);
                break;
        }
    }

    private static void Text(List<byte> output, string text)
    {
        Length(output, null, text.Length);
        output.AddRange(Encoding.UTF8.GetBytes(text));
    }

    private static void Length(List<byte> output, char? before, long length)
    {
        if (before is { } marker)
        {
            output.Add((byte)marker);
        }

        output.Add((byte)'L');
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, length);
        output.AddRange(bytes);
    }
}
