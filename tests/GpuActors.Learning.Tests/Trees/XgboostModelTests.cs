using System.Text;
using System.Text.RegularExpressions;
using GpuActors.Learning.Onnx;
using GpuActors.Learning.Tests.Onnx;
using GpuActors.Learning.Trees;
using GpuActors.Testing;

namespace GpuActors.Learning.Tests.Trees;

/// <summary>Models of XGBoost itself, and small ones by hand in the forms that the installed version does not write.</summary>
public sealed class XgboostModelTests(XgboostModels models) : IClassFixture<XgboostModels>
{
    // Nodes 3 and 4 are deleted: unreachable, with XGBoost's mark as their feature.
    private const string Small = """
        {"learner":{"attributes":{},"feature_names":["a","b"],"feature_types":["float","float"],
        "gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1","size_leaf_vector":"0"},
        "tree_info":[0],"trees":[{"default_left":[1,0,0,0,0],"id":0,"left_children":[1,-1,-1,-1,-1],"right_children":[2,-1,-1,-1,-1],
        "split_conditions":[5E-1,-1E0,2E0,0E0,0E0],"split_indices":[1,0,0,2147483647,2147483647],"split_type":[0,0,0,0,0],
        "sum_hessian":[3E0,1E0,2E0,0E0,0E0],"loss_changes":[7E0,0E0,0E0,0E0,0E0],
        "tree_param":{"num_deleted":"2","num_feature":"2","num_nodes":"5","size_leaf_vector":"0"}}]},"name":"gbtree"},
        "learner_model_param":{"base_score":"5E-1","boost_from_average":"1","num_class":"0","num_feature":"2","num_target":"1"},
        "objective":{"name":"reg:squarederror"}},"version":[1,7,4]}
        """;

    [SkippableFact]
    public void Predictions_equal_those_of_XGBoost()
    {
        ServerRequirement.Require(models.Missing);
        Assert.InRange(models.Names.Count, 12, 100);
        Assert.InRange(models.Rows.Count(float.IsNaN), 7500, 8500);
        foreach (var name in models.Names)
        {
            foreach (var form in (string[])["json", "ubj"])
            {
                var model = XgboostModel.Read(models.ModelFile($"{name}.{form}"));

                var run = TreeModelTests.Run(TreeModel.Write(model), models.Rows, 8);

                AssertClose($"{name}.{form} margin", models.Expected(name, "margin"), run[TreeModel.Margin]);
                AssertClose($"{name}.{form} prediction", models.Expected(name, "prediction"), run[TreeModel.Prediction]);
            }
        }
    }

    [SkippableFact]
    public void All_rounds_can_be_asked_for_after_early_stopping()
    {
        ServerRequirement.Require(models.Missing);
        var file = models.ModelFile("binary_stopped_parallel.json");

        Assert.InRange(XgboostModel.Read(file).Trees.Length, 3, XgboostModel.Read(file, allRounds: true).Trees.Length - 3);
    }

    [SkippableFact]
    public void A_truncated_or_altered_file_never_ends_otherwise_than_with_a_reason()
    {
        ServerRequirement.Require(models.Missing);
        var random = new Random(3);
        foreach (var form in (string[])["json", "ubj"])
        {
            var file = models.ModelFile($"binary_stump.{form}");
            for (var i = 0; i < 300; i++)
            {
                var cut = file[..random.Next(file.Length)];
                Assert.Throws<InvalidDataException>(() => XgboostModel.Read(cut));
                var altered = file.ToArray();
                altered[random.Next(file.Length)] = (byte)random.Next(256);
                try
                {
                    XgboostModel.Read(altered);
                }
                catch (InvalidDataException)
                {
                    // A byte in a number can still give a valid model.
                }
            }
        }
    }

    [Theory]
    [InlineData("\"5E-1\"", "reg:squarederror", 0.5)]
    [InlineData("0.25", "reg:squarederror", 0.25)]
    [InlineData("\"[2.5E-1]\"", "reg:squarederror", 0.25)]
    [InlineData("[\"2.5E-1\"]", "reg:squarederror", 0.25)]
    [InlineData("[0.25]", "reg:squarederror", 0.25)]
    [InlineData("\"[2.5E-1]\"", "binary:logistic", -1.0986122886681098)]
    [InlineData("\"2.5E-1\"", "binary:logitraw", 0.25)]
    [InlineData("\"[3E0]\"", "count:poisson", 1.0986122886681098)]
    [InlineData("\"3E0\"", "reg:tweedie", 1.0986122886681098)]
    public void The_base_score_is_read_in_every_form(string score, string objective, double margin)
    {
        var model = Read(
            Small.Replace("\"5E-1\"", score, StringComparison.Ordinal).Replace("reg:squarederror", objective, StringComparison.Ordinal)
        );

        Assert.Equal(margin, model.BaseMargins[0], 1e-6);
    }

    [Fact]
    public void Version_3_has_a_base_score_per_class_and_says_where_rounds_begin()
    {
        var tree = Regex.Match(Small, "\"trees\":\\[(.*)\\]\\},\"name\"", RegexOptions.Singleline).Groups[1].Value;
        var text = Small
            .Replace("reg:squarederror", "multi:softprob", StringComparison.Ordinal)
            .Replace("\"5E-1\"", "\"[5E-1,-2.5E-1,1E0]\"", StringComparison.Ordinal)
            .Replace("\"num_class\":\"0\"", "\"num_class\":\"3\"", StringComparison.Ordinal)
            .Replace("[1,7,4]", "[3,1,0]", StringComparison.Ordinal)
            .Replace("\"attributes\":{}", "\"attributes\":{\"best_iteration\":\"0\"}", StringComparison.Ordinal)
            .Replace("\"tree_info\":[0]", "\"iteration_indptr\":[0,3,6],\"tree_info\":[0,1,2,0,1,2]", StringComparison.Ordinal)
            .Replace(tree, string.Join(',', Enumerable.Repeat(tree, 6)), StringComparison.Ordinal);

        var model = Read(text);

        Assert.Equal([0.5, -0.25, 1], model.BaseMargins.ToArray());
        Assert.Equal([0, 1, 2], model.Trees.Select(t => t.Target));
        Assert.Equal([-0.5, -1.25, 0], model.Margins([0, 0]));
    }

    [Fact]
    public void Deleted_nodes_are_left_out_and_names_kept()
    {
        var model = Read(Small);

        Assert.Equal(3, model.Trees[0].Nodes.Length);
        Assert.Equal(["a", "b"], model.FeatureNames.ToArray());
        Assert.Equal((7, 3), (model.Trees[0].Nodes[0].Gain, model.Trees[0].Nodes[0].Cover));
    }

    [Theory]
    [InlineData("Infinity", 2, -0.5)]
    [InlineData("Infinity", float.PositiveInfinity, 2.5)]
    [InlineData("-Infinity", float.NegativeInfinity, 2.5)]
    [InlineData("-Infinity", float.NaN, -0.5)]
    [InlineData("0.1", 0.1f, 2.5)]
    public void A_feature_below_its_threshold_goes_left(string threshold, float feature, double margin) =>
        Assert.Equal([margin], Read(Small.Replace("[5E-1,", $"[{threshold},", StringComparison.Ordinal)).Margins([0, feature]));

    [Theory]
    [InlineData("\"left_children\":[1,", "\"left_children\":[9,", "tree 0, node 0: child 9")]
    [InlineData("\"left_children\":[1,", "\"left_children\":[-7,", "tree 0, node 0: child -7")]
    [InlineData("\"left_children\":[1,", "\"left_children\":[0,", "tree 0, node 0: child 0")]
    [InlineData("\"left_children\":[1,", "\"left_children\":[2,", "tree 0, node 2 is the child of two nodes")]
    [InlineData("\"left_children\":[1,-1", "\"left_children\":[1,1", "tree 0, node 1: child -1")]
    [InlineData("\"left_children\":[1,", "\"left_children\":[", "'left_children' has 4 entries")]
    [InlineData("\"left_children\":[1,", "\"left_children\":[1.5,", "left_children[0] must be an integer")]
    [InlineData("\"split_indices\":[1", "\"split_indices\":[2", "tree 0, node 0: feature 2")]
    [InlineData("[5E-1,-1E0", "[NaN,-1E0", "tree 0, node 0: feature 1, threshold NaN")]
    [InlineData("[5E-1,-1E0", "[5E-1,Infinity", "tree 0, node 1: leaf value")]
    [InlineData("\"split_type\":[0", "\"split_type\":[1", "tree 0, node 0 splits a categorical feature")]
    [InlineData("\"name\":\"gbtree\"", "\"name\":\"gblinear\"", "'gblinear'")]
    [InlineData("reg:squarederror", "survival:aft", "'survival:aft'")]
    [InlineData("reg:squarederror", "reg:quantileerror", "'reg:quantileerror'")]
    [InlineData("reg:squarederror", "binary:hinge", "'binary:hinge'")]
    [InlineData("[1,7,4]", "[1,4,2]", "XGBoost 1.4.2")]
    [InlineData("[1,7,4]", "[4,0,0]", "XGBoost 4.0.0")]
    [InlineData("\"tree_info\":[0]", "\"tree_info\":[0,0]", "'tree_info' has 2 entries")]
    [InlineData("\"tree_info\":[0]", "\"tree_info\":[3]", "target 3")]
    [InlineData("\"attributes\":{}", "\"attributes\":{\"best_iteration\":\"4\"}", "best_iteration 4")]
    [InlineData("\"num_nodes\":\"5\",\"size_leaf_vector\":\"0\"", "\"num_nodes\":\"5\",\"size_leaf_vector\":\"2\"", "several outputs")]
    [InlineData("\"5E-1\"", "\"[1E0,2E0]\"", "'base_score' has 2 entries")]
    [InlineData("\"num_class\":\"0\"", "\"num_class\":\"2000000000\"", "at most 10000")]
    [InlineData("\"learner\"", "\"teacher\"", "no member 'learner'")]
    [InlineData("{\"learner\"", "binf{\"learner\"", "old binary format")]
    public void A_damaged_or_unsupported_model_is_refused_with_its_place(string found, string replaced, string reason)
    {
        Assert.Contains(found, Small, StringComparison.Ordinal);

        var error = Assert.Throws<InvalidDataException>(() => Read(Small.Replace(found, replaced, StringComparison.Ordinal)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5E-1", "binary:logistic", "1E0", "probability")]
    [InlineData("5E-1", "count:poisson", "-1E0", "above 0")]
    public void A_base_score_that_its_objective_cannot_have_is_refused(string found, string objective, string score, string reason)
    {
        var text = Small.Replace($"\"{found}\"", $"\"{score}\"", StringComparison.Ordinal);

        var error = Assert.Throws<InvalidDataException>(() => Read(text.Replace("reg:squarederror", objective, StringComparison.Ordinal)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData((int)'\n')]
    public void A_text_that_JSON_does_not_allow_is_refused(int character)
    {
        var file = Encoding.UTF8.GetBytes(Small);
        file[Small.IndexOf("reg:", StringComparison.Ordinal)] = (byte)character;

        Assert.Throws<InvalidDataException>(() => XgboostModel.Read(file));
    }

    [Fact]
    public void A_cycle_below_the_root_is_refused()
    {
        var text = Small
            .Replace("\"left_children\":[1,-1", "\"left_children\":[1,2", StringComparison.Ordinal)
            .Replace("\"right_children\":[2,-1", "\"right_children\":[2,1", StringComparison.Ordinal);

        Assert.Contains("tree 0, node", Assert.Throws<InvalidDataException>(() => Read(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7B 69 01 61 5B 24 64 23 4C 00 00 00 00 00 00 00 02 3F 80 00 00 7F 80 00 00 7D", """{"a":[1,"Infinity"]}""")]
    [InlineData("7B 69 01 61 5B 24 64 23 4C 02 00 00 00 00 00 00 00 3F 80 00 00 7F 80 00 00 7D", """{"a":[1,"Infinity"]}""")]
    [InlineData("7B 69 01 61 5B 55 FF 49 01 00 4E 54 46 5A 5D 7D", """{"a":[255,256,true,false,null]}""")]
    [InlineData("7B 4C 00 00 00 00 00 00 00 01 61 5B 23 69 02 53 69 01 62 44 3F F0 00 00 00 00 00 00 7D", """{"a":["b",1]}""")]
    [InlineData("7B 4C 01 00 00 00 00 00 00 00 61 7B 24 69 23 69 01 69 01 62 05 7D", """{"a":{"b":5}}""")]
    public void Containers_of_UBJSON_are_read_in_every_form(string hex, string json) =>
        Assert.Equal(
            json,
            Encoding.UTF8.GetString(UbjsonText.ToJson(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))))
        );

    [Theory]
    [InlineData("7B 69 01 61 5B 24 64 7D", "must have a count")]
    [InlineData("7B 69 7F 61 7D", "length 127")]
    [InlineData("7B 69 01 61 51 7D", "0x51")]
    [InlineData("7B 69 01 61 5B 69 01", "truncated")]
    [InlineData("7B 7D 00", "1 bytes follow")]
    public void Damaged_UBJSON_is_refused_with_its_position(string hex, string reason)
    {
        var error = Assert.Throws<InvalidDataException>(() =>
            UbjsonText.ToJson(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)))
        );

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("byte", error.Message, StringComparison.Ordinal);
    }

    private static TreeEnsemble Read(string text) => XgboostModel.Read(Encoding.UTF8.GetBytes(text));

    private static void AssertClose(string what, float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = expected.Zip(actual, (e, a) => Math.Abs((double)e - a) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(worst <= 1e-6, $"{what}: the largest difference is {worst}");
    }
}
