using System.Globalization;
using System.Text.Json;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary><c>gpuactors model</c> on files of a folder of its own.</summary>
public sealed class ModelCommandTests : IDisposable
{
    // a <= 0.5 (missing left) ? -1 : 2, logistic.
    private const string LightGbm =
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=binary sigmoid:1\n"
        + "feature_names=a b\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=3\nthreshold=0.5\ndecision_type=10\n"
        + "left_child=-1\nright_child=-2\nleaf_value=-1 2\nis_linear=0\nshrinkage=1\n\n\nend of trees\n";

    // Three classes, one stump each, without names of features.
    private const string Xgboost = """
        {"learner":{"attributes":{},"feature_names":[],"feature_types":[],
        "gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"tree_info":[2],"trees":[
        {"default_left":[0,0,0],"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_conditions":[5E-1,-1E0,2E0],
        "split_indices":[1,0,0],"tree_param":{"num_nodes":"3"}}]},"name":"gbtree"},
        "learner_model_param":{"base_score":"5E-1","num_class":"3","num_feature":"2"},
        "objective":{"name":"multi:softprob"}},"version":[1,7,4]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-model-").FullName;

    [Fact]
    public async Task A_model_is_imported_and_scores_a_table_by_names()
    {
        var model = Write("m.txt", LightGbm);
        var table = Write("in.csv", "id,b,\"a\"\nx,7,0.5\ny,,0.75\nz,1,\n");

        var import = await TestRun.Of("model", "import", model);
        var onnx = await TestRun.Of("model", "predict", PathOf("m.onnx"), table, "--output", PathOf("onnx.csv"));
        var direct = await TestRun.Of("model", "predict", model, table, "--output", PathOf("direct.csv"));

        Assert.Equal((0, 0, 0), (import.Code, onnx.Code, direct.Code));
        var lines = await File.ReadAllLinesAsync(PathOf("onnx.csv"));
        Assert.Equal("margin,prediction", lines[0]);
        Assert.Equal([-1, 2, -1], lines.Skip(1).Select(l => Numbers(l)[0]));
        Assert.All(lines.Skip(1).Select(Numbers), n => Assert.Equal(1 / (1 + Math.Exp(-n[0])), n[1], 1e-6));
        Assert.Equal(lines, await File.ReadAllLinesAsync(PathOf("direct.csv")));
        Assert.Contains("does not use: id", onnx.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_class_has_columns_of_its_own()
    {
        var run = await TestRun.Of(
            "model",
            "predict",
            Write("m.json", Xgboost),
            Write("in.csv", "x,y\n0,0.5\n"),
            "--output",
            PathOf("out.csv")
        );

        Assert.Equal((0, ""), (run.Code, run.Error));
        var lines = await File.ReadAllLinesAsync(PathOf("out.csv"));
        Assert.Equal("margin_0,margin_1,margin_2,prediction_0,prediction_1,prediction_2", lines[0]);
        Assert.Equal([0.5, 0.5, 2.5], Numbers(lines[1])[..3]);
        Assert.Equal(1, Numbers(lines[1])[3..].Sum(), 1e-6);
    }

    [Fact]
    public async Task A_table_without_rows_gives_a_header()
    {
        var run = await TestRun.Of("model", "predict", Write("m.json", Xgboost), Write("in.csv", "x,y\n"), "--output", PathOf("out.csv"));

        Assert.Equal(0, run.Code);
        Assert.StartsWith("margin_0,", Assert.Single(await File.ReadAllLinesAsync(PathOf("out.csv"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scaler_becomes_part_of_the_model()
    {
        var scaler = Write("s.json", """{"mean":[10,0],"scale":[2,1]}""");
        await TestRun.Of("model", "import", Write("m.txt", LightGbm), "--scaler", scaler, "--output", PathOf("scaled.onnx"));

        await TestRun.Of("model", "predict", PathOf("scaled.onnx"), Write("in.csv", "a,b\n11,0\n11.5,0\n"), "--output", PathOf("out.csv"));

        Assert.Equal([-1, 2], (await File.ReadAllLinesAsync(PathOf("out.csv"))).Skip(1).Select(l => Numbers(l)[0]));
    }

    [Fact]
    public async Task Bad_lines_are_named_and_left_out_only_when_that_is_said()
    {
        var model = Write("m.txt", LightGbm);
        var table = Write("in.csv", "a,b\n1,2\n1,two\n1\n3,4\n\"5,6\n1e99,0\n");

        var refused = await TestRun.Of("model", "predict", model, table, "--output", PathOf("out.csv"));
        Assert.Equal(1, refused.Code);
        Assert.All(
            ["line 3: column 'b' = 'two'", "line 4: 1 fields", "line 6: a quotation mark", "line 7: column 'a'", "4 lines", "--skip-bad"],
            part => Assert.Contains(part, refused.Error, StringComparison.Ordinal)
        );
        Assert.False(File.Exists(PathOf("out.csv")));

        var skipped = await TestRun.Of("model", "predict", model, table, "--output", PathOf("out.csv"), "--skip-bad");
        Assert.Equal(0, skipped.Code);
        Assert.Contains("2 rows are scored", skipped.Out, StringComparison.Ordinal);
        Assert.Contains("4 lines left out", skipped.Out, StringComparison.Ordinal);
        Assert.Equal([2, 5], (await File.ReadAllLinesAsync(PathOf("out.csv"))).Skip(1).Select(l => Numbers(l)[0]));
    }

    [Theory]
    [InlineData("a,c\n1,2\n", "no column: b")]
    [InlineData("a,b,a\n1,2,3\n", "'a' occurs twice")]
    [InlineData("", "no header")]
    public async Task A_table_that_does_not_fit_the_model_is_refused(string csv, string reason)
    {
        var run = await TestRun.Of("model", "predict", Write("m.txt", LightGbm), Write("in.csv", csv), "--output", PathOf("out.csv"));

        Assert.Equal(1, run.Code);
        Assert.Contains("in.csv: line 1", run.Error, StringComparison.Ordinal);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Equal(["in.csv", "m.txt"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_model_without_names_needs_its_number_of_columns()
    {
        var run = await TestRun.Of("model", "predict", Write("m.json", Xgboost), Write("in.csv", "x\n1\n"), "--output", PathOf("out.csv"));

        Assert.Equal(1, run.Code);
        Assert.Contains("1 columns: the model has 2 features", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_inspected()
    {
        var model = Write("m.txt", LightGbm);

        var text = await TestRun.Of("model", "inspect", model);
        using var json = JsonDocument.Parse((await TestRun.Of("model", "inspect", model, "--json")).Out);

        Assert.Equal(0, text.Code);
        Assert.Contains("LightGBM", text.Out, StringComparison.Ordinal);
        Assert.Contains("a, b", text.Out, StringComparison.Ordinal);
        Assert.Equal(2, json.RootElement.GetProperty("trees").GetProperty("leaves").GetInt32());
        Assert.Equal("logistic", json.RootElement.GetProperty("trees").GetProperty("link").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("trees").GetProperty("gain").GetProperty("a").GetDouble());
    }

    [Fact]
    public async Task A_model_is_exported_and_an_existing_file_kept()
    {
        var model = Write("m.json", Xgboost);
        var output = Write("x.onnx", "precious");

        var refused = await TestRun.Of("model", "export", model, "--output", output);
        Assert.Equal(1, refused.Code);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(output));

        Assert.Equal(0, (await TestRun.Of("model", "export", model, "--output", output, "--force")).Code);
        Assert.Contains("ONNX", (await TestRun.Of("model", "inspect", output)).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"learner\":", "JSON")]
    [InlineData("{\"a\":1}", "no member")]
    [InlineData("tree\nversion=v4\n", "truncated")]
    [InlineData("binf", "old binary format")]
    [InlineData("hello", "ONNX")]
    [InlineData("", "empty")]
    public async Task A_damaged_or_foreign_file_is_refused_with_its_name(string content, string reason)
    {
        var run = await TestRun.Of("model", "inspect", Write("m.bin", content));

        Assert.Equal(1, run.Code);
        Assert.Contains("m.bin: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scaler_that_does_not_fit_is_refused()
    {
        var run = await TestRun.Of(
            "model",
            "import",
            Write("m.txt", LightGbm),
            "--scaler",
            Write("s.json", """{"mean":[1],"scale":[1]}""")
        );

        Assert.Equal(1, run.Code);
        Assert.Contains("The scaler has 1 features and the model 2", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("m.onnx")));
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model", "predict", "m.onnx", "in.csv")]
    [InlineData("model", "import")]
    public async Task What_cannot_be_used_ends_with_2(params string[] args) => Assert.Equal(2, (await TestRun.Of(args)).Code);

    [Fact]
    public async Task A_file_that_does_not_exist_is_named()
    {
        var run = await TestRun.Of("model", "inspect", PathOf("none.onnx"));

        Assert.Equal(1, run.Code);
        Assert.Contains("none.onnx", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static double[] Numbers(string line) => [.. line.Split(',').Select(f => double.Parse(f, CultureInfo.InvariantCulture))];

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return PathOf(name);
    }
}
