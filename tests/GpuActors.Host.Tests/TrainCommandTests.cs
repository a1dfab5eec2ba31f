using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuActors.Core.Features;
using GpuActors.Learning.Training;
using GpuActors.Prediction;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary><c>gpuactors train</c> on files of a folder of its own.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly string _folder;

    public TrainCommandTests()
    {
        ServerRequirement.Require(LightGbmBooster.Problem);
        _folder = Directory.CreateTempSubdirectory("gpuactors-train-").FullName;
    }

    [SkippableFact]
    public async Task A_history_gives_a_model_a_report_and_its_quality_on_later_time()
    {
        var log = Write("log.csv", Log());

        var run = await TestRun.Of("train", "history", log, "--output", PathOf("m.onnx"), "--report", PathOf("r.html"), "--json");

        Assert.Equal((0, "600 GPUs"), (run.Code, run.Error[..8]));
        var horizons = JsonDocument.Parse(run.Out).RootElement.EnumerateArray().ToList();
        Assert.Equal(3, horizons.Count);
        Assert.All(horizons, h => Assert.InRange(h.GetProperty("model").GetProperty("roc_auc").GetDouble(), 0.6, 1));
        using var scorer = OnnxScorer.Load(await File.ReadAllBytesAsync(PathOf("m.onnx")));
        Assert.Contains("location_1", scorer.FeatureNames);
        var report = await File.ReadAllTextAsync(PathOf("r.html"));
        Assert.Contains("Within 90 days", report, StringComparison.Ordinal);
        Assert.DoesNotContain("http", report, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_same_file_and_seed_give_the_same_model()
    {
        var log = Write("log.csv", Log());

        await TestRun.Of("train", "history", log, "--output", PathOf("a.onnx"));
        await TestRun.Of("train", "history", log, "--output", PathOf("b.onnx"));

        Assert.Equal(await File.ReadAllBytesAsync(PathOf("a.onnx")), await File.ReadAllBytesAsync(PathOf("b.onnx")));
    }

    [SkippableFact]
    public async Task A_bad_line_is_named_and_nothing_is_trained_unless_it_may_be_skipped()
    {
        var log = Write("log.csv", Log() + "G1,c1,2017-99-99,,\n");

        var refused = await TestRun.Of("train", "history", log, "--output", PathOf("m.onnx"));
        var skipped = await TestRun.Of("train", "history", log, "--output", PathOf("n.onnx"), "--skip-bad");

        Assert.Equal((1, false), (refused.Code, File.Exists(PathOf("m.onnx"))));
        Assert.Contains("inserted = '2017-99-99'", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--skip-bad", refused.Error, StringComparison.Ordinal);
        Assert.Equal((0, true), (skipped.Code, File.Exists(PathOf("n.onnx"))));
        Assert.Contains("1 line is left out", skipped.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_simulated_fleet_gives_a_model_that_is_judged_beside_the_oracle()
    {
        string[] words = ["train", "simulation", "--gpus", "2000", "--test-gpus", "400", "--months", "5", "--trees", "30", "--json"];
        var run = await TestRun.Of([.. words, "--output", PathOf("m.onnx"), "--report", PathOf("r.html")]);

        Assert.Equal(0, run.Code);
        var root = JsonDocument.Parse(run.Out).RootElement;
        Assert.True(root.GetProperty("simulated").GetBoolean());
        var thirtyDays = root.GetProperty("horizons")[1];
        Assert.InRange(thirtyDays.GetProperty("pr_auc_ratio").GetProperty("ratio").GetDouble(), 0.2, 1.1);
        Assert.InRange(thirtyDays.GetProperty("model").GetProperty("calibration_error").GetDouble(), 0, 0.01);
        using var scorer = OnnxScorer.Load(await File.ReadAllBytesAsync(PathOf("m.onnx")));
        Assert.Equal(FeatureCatalog.Names, scorer.FeatureNames);
        Assert.Equal(FeatureCatalog.Fingerprint, scorer.Metadata["feature_set_fingerprint"]);
        var report = await File.ReadAllTextAsync(PathOf("r.html"));
        Assert.Contains("Beside the oracle", report, StringComparison.Ordinal);
        Assert.Contains("simulated", report, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Without_a_file_the_history_of_the_database_is_learned_from()
    {
        var log = Write("log.csv", Log());
        string[] database = ["--set", $"storage.connection-string=Data Source={PathOf("fleet.db")};Pooling=False"];

        var none = await TestRun.Of(["train", "history", "--output", PathOf("m.onnx"), .. database]);
        await TestRun.Of(["migrate", .. database]);
        var empty = await TestRun.Of(["train", "history", "--output", PathOf("m.onnx"), .. database]);
        await TestRun.Of(["import", "history", log, .. database]);
        var fromDatabase = await TestRun.Of(["train", "history", "--output", PathOf("m.onnx"), .. database]);
        var fromFile = await TestRun.Of("train", "history", log, "--output", PathOf("n.onnx"));

        Assert.Equal((1, 1, 0), (none.Code, empty.Code, fromDatabase.Code));
        Assert.Contains("gpuactors migrate", none.Error, StringComparison.Ordinal);
        Assert.Contains("gpuactors import history", empty.Error, StringComparison.Ordinal);
        // As many GPUs, failures, cuts and rows.
        Assert.Equal(fromFile.Error, fromDatabase.Error);
    }

    [SkippableTheory]
    [InlineData("--column", "serial=SN", "'serial=SN'")]
    [InlineData("--zone", "Mars/Olympus", "--zone = 'Mars/Olympus'")]
    [InlineData("--test-from", "someday", "--test-from = 'someday'")]
    public async Task A_wrong_option_is_named(string option, string value, string named)
    {
        var run = await TestRun.Of("train", "history", Write("log.csv", Log()), "--output", PathOf("m.onnx"), option, value);

        Assert.Equal(2, run.Code);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_log_without_enough_failures_is_refused()
    {
        var run = await TestRun.Of(
            "train",
            "history",
            Write("log.csv", Header + "A,c1,2017-01-01,2018-01-01,\n"),
            "--output",
            PathOf("m.onnx")
        );

        Assert.Equal(1, run.Code);
        Assert.Contains("horizon 7 d: 0 of", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private const string Header = "gpu,location,inserted,removed,event\n";

    // A GPU at location c8 fails far more often than one at c0.
    private static string Log()
    {
        var random = new Random(1);
        var start = new DateTime(2016, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var log = new StringBuilder(Header);
        for (var gpu = 0; gpu < 600; gpu++)
        {
            var place = random.Next(9);
            var days = -Math.Log(1 - random.NextDouble()) / (0.0004 + 0.0006 * place);
            var end = days < 900 ? start.AddDays(days).ToString("s", CultureInfo.InvariantCulture) : "";
            log.Append(CultureInfo.InvariantCulture, $"G{gpu},c{place},2016-01-01,{end},{(days < 900 ? "DBE" : "")}\n");
        }

        return log.ToString();
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }
}
