using System.Collections.Immutable;
using System.Data.Common;
using System.Text;
using GpuActors.Core.Registry;

namespace GpuActors.Storage.Tests;

/// <summary>The guarantees of every registry. Each test runs on SQLite and on a real PostgreSQL.</summary>
public abstract class ModelRegistryContract
{
    private const string Model = "gpu-failure-predictor";
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly TrainingRun Run = new(
        "0123456789abcdef0123456789abcdef",
        "failures",
        "first",
        RunStatus.Finished,
        1_700_000_000_123,
        1_700_000_060_456
    )
    {
        CodeVersion = "0.1.0+abc",
        DataSource = "log.csv",
        DataFingerprint = new string('a', 64),
        Parameters = Values(("trees", "200"), ("note", "a\0b")),
        Metrics = Values(("pr_auc_7d", 0.1), ("ece_7d", double.NaN), ("loss", double.PositiveInfinity)),
        Tags = Values(("source", "history")),
    };

    [SkippableFact]
    public async Task A_run_is_read_as_it_was_written()
    {
        await using var database = await Create();
        await using var registry = await Open(database);

        await registry.AddRunAsync(Run, [File("report.html", "<p>"), File("model/model.onnx", "model")], None);

        var run = await registry.GetRunAsync("0123", None);
        Assert.Equal((Run.Id, Run.Experiment, Run.Name, Run.Status), (run.Id, run.Experiment, run.Name, run.Status));
        Assert.Equal((Run.StartedMs, Run.EndedMs), (run.StartedMs, run.EndedMs));
        Assert.Equal((Run.CodeVersion, Run.DataSource, Run.DataFingerprint), (run.CodeVersion, run.DataSource, run.DataFingerprint));
        Assert.Equal(Run.Parameters.SetItem("note", "a\ufffdb"), run.Parameters);
        Assert.Equal(Run.Metrics, run.Metrics);
        Assert.Equal(Run.Tags, run.Tags);
        Assert.Null(run.Mirror);
        Assert.Equal(["model/model.onnx", "report.html"], run.Artifacts.Select(artifact => artifact.Path));
        Assert.Equal((3, "text/plain"), (run.Artifacts[1].Size, run.Artifacts[1].MediaType));
        // printf '<p>' | sha256sum
        Assert.Equal("33f2799467177287a29260780a107ac98ea63dd6165f67fcc0d74767d0a82090", run.Artifacts[1].Sha256);
        Assert.Equal("<p>", Encoding.UTF8.GetString(await registry.ReadArtifactAsync(run.Id, "report.html", None)));
    }

    [SkippableFact]
    public async Task Runs_are_listed_with_the_newest_first()
    {
        await using var database = await Create();
        await using var registry = await Open(database);
        foreach (var i in Enumerable.Range(0, 5))
        {
            var run = Run with { Id = Id(i), StartedMs = Run.StartedMs + (i % 3), Experiment = i == 4 ? "other" : "failures" };
            await registry.AddRunAsync(run with { Parameters = Values(("trees", $"{i}")) }, [], None);
        }

        var newest = await registry.ListRunsAsync("failures", 3, None);
        var all = await registry.ListRunsAsync(null, 100, None);

        Assert.Equal([Id(2), Id(1), Id(0)], newest.Select(run => run.Id));
        Assert.Equal(["2", "1", "0"], newest.Select(run => run.Parameters["trees"]));
        Assert.Equal([Id(2), Id(1), Id(4), Id(0), Id(3)], all.Select(run => run.Id));
    }

    [SkippableFact]
    public async Task A_run_that_is_refused_leaves_nothing()
    {
        await using var database = await Create();
        await using var registry = await Open(database);
        await database.Refuse("training_run_artifacts", "path", "<> 'b'", "no_b");

        await Assert.ThrowsAnyAsync<DbException>(() => registry.AddRunAsync(Run, [File("a", "1"), File("b", "2")], None));

        Assert.Empty(await registry.ListRunsAsync(null, 10, None));
        Assert.Equal(0, await database.Number("select count(*) from registry_blobs"));
    }

    [SkippableFact]
    public async Task Runs_are_found_by_a_beginning_that_only_one_of_them_has()
    {
        await using var database = await Create();
        await using var registry = await Open(database);
        await registry.AddRunAsync(Run with { Id = Id(0) }, [], None);
        await registry.AddRunAsync(Run with { Id = Id(1) }, [], None);

        var several = await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.GetRunAsync(Id(0)[..20], None));
        var none = await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.GetRunAsync("ffff", None));
        var wild = await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.GetRunAsync("____", None));

        Assert.Equal(Id(1), (await registry.GetRunAsync(Id(1), None)).Id);
        Assert.Contains("several", several.Message, StringComparison.Ordinal);
        Assert.Contains("runs list", none.Message, StringComparison.Ordinal);
        Assert.Contains("digits", wild.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => registry.AddRunAsync(Run with { Id = Id(1) }, [], None));
    }

    [SkippableFact]
    public async Task Where_a_run_is_mirrored_is_kept()
    {
        await using var database = await Create();
        await using var registry = await Open(database);
        await registry.AddRunAsync(Run, [], None);

        var mirror = new RunMirror("http://mlflow:5000", "f00d", "no artefacts");
        await registry.SetMirrorAsync(Run.Id, mirror, None);

        Assert.Equal(mirror, (await registry.GetRunAsync(Run.Id, None)).Mirror);
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.SetMirrorAsync(Id(7), mirror, None));
    }

    [SkippableFact]
    public async Task Versions_ascend_per_model_and_keep_their_content()
    {
        await using var database = await Create();
        await using var registry = await Open(database);
        await registry.AddRunAsync(Run, [File("model/model.onnx", "one")], None);

        var first = await registry.RegisterAsync(New("one") with { RunId = Run.Id, Description = "d" }, None);
        var second = await registry.RegisterAsync(New("two") with { Stage = ModelStage.Staging }, None);
        var other = await registry.RegisterAsync(New("one") with { Model = "other" }, None);

        Assert.Equal((1, 2, 1), (first.Number, second.Number, other.Number));
        Assert.Equal("one", Encoding.UTF8.GetString(await registry.ReadModelAsync(Model, 1, None)));
        Assert.Equal("two", Encoding.UTF8.GetString(await registry.ReadModelAsync(Model, 2, None)));
        Assert.Equal(2, await database.Number("select count(*) from registry_blobs"));
        var models = await registry.ListModelsAsync(None);
        Assert.Equal([Model, "other"], models.Select(model => model.Name));
        Assert.Equal([first, second], models[0].Versions.Select(version => version with { Aliases = [] }), Same);
        Assert.Equal((Run.Id, "d", 3L), (models[0].Versions[0].RunId, models[0].Versions[0].Description, models[0].Versions[0].Size));
    }

    [SkippableFact]
    public async Task What_cannot_be_a_version_is_refused()
    {
        await using var database = await Create();
        await using var registry = await Open(database);

        await Assert.ThrowsAsync<FormatException>(() => registry.RegisterAsync(New("x") with { Model = "a/b" }, None));
        await Assert.ThrowsAsync<ArgumentException>(() => registry.RegisterAsync(New(""), None));
        await Assert.ThrowsAsync<ArgumentException>(() => registry.RegisterAsync(New("x") with { Stage = ModelStage.Production }, None));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.RegisterAsync(New("x") with { RunId = Id(9) }, None));

        Assert.Empty(await registry.ListModelsAsync(None));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.GetModelAsync(Model, None));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.ReadModelAsync(Model, 1, None));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.SetStageAsync(Model, 1, ModelStage.Production, 0, "", None));
    }

    [SkippableFact]
    public async Task Registrations_at_the_same_time_get_different_versions()
    {
        await using var database = await Create();
        await using var registry = await Open(database);
        // Nothing is shared between registries: each has connections of its own, as in another process.
        var writers = Enumerable.Range(0, 4).Select(_ => ModelRegistries.Create(database.Settings)).ToList();

        var numbers = await Task.WhenAll(
            writers.SelectMany(
                (writer, w) => Enumerable.Range(0, 5).Select(async i => (await writer.RegisterAsync(New($"{w} {i}"), None)).Number)
            )
        );

        Assert.Equal(Enumerable.Range(1, 20), numbers.Order());
        foreach (var writer in writers)
        {
            await writer.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_content_that_was_changed_in_the_database_is_refused()
    {
        await using var database = await Create();
        await using var registry = await Open(database);
        var version = await registry.RegisterAsync(New("one"), None);
        await database.Execute("update registry_blobs set content = (select content from registry_blobs) || content");

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => registry.ReadModelAsync(Model, version.Number, None));

        Assert.Contains(version.Sha256, error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_promotion_archives_the_version_in_production()
    {
        await using var database = await Create();
        await using var registry = await WithVersions(database, 2);

        var first = await registry.SetStageAsync(Model, 1, ModelStage.Production, 10, "", None);
        var second = await registry.SetStageAsync(Model, 2, ModelStage.Production, 20, "better", None);
        var again = await registry.SetStageAsync(Model, 2, ModelStage.Production, 30, "", None);

        Assert.Equal((1, ModelStage.None, null), (first.Version.Number, first.From, first.Replaced));
        Assert.Equal((1, ModelStage.Archived), (second.Replaced!.Number, second.Replaced.Stage));
        Assert.Equal((ModelStage.Production, null), (again.From, again.Replaced));
        Assert.Equal([ModelStage.Archived, ModelStage.Production], await Stages(registry));
        Assert.Equal(
            [
                new(1, ModelStage.None, ModelStage.Production, TransitionCause.Requested, 10, ""),
                new(1, ModelStage.Production, ModelStage.Archived, TransitionCause.Replaced, 20, "better"),
                new(2, ModelStage.None, ModelStage.Production, TransitionCause.Requested, 20, "better"),
            ],
            await registry.ReadTransitionsAsync(Model, None)
        );
    }

    [SkippableFact]
    public async Task A_promotion_that_fails_leaves_the_version_in_production()
    {
        await using var database = await Create();
        await using var registry = await WithVersions(database, 2);
        await registry.SetStageAsync(Model, 1, ModelStage.Production, 10, "", None);
        await database.Refuse("model_transitions", "note", "<> 'fails'", "no_note");

        await Assert.ThrowsAnyAsync<DbException>(() => registry.SetStageAsync(Model, 2, ModelStage.Production, 20, "fails", None));

        Assert.Equal([ModelStage.Production, ModelStage.None], await Stages(registry));
    }

    [SkippableFact]
    public async Task Promotions_at_the_same_time_leave_one_version_in_production()
    {
        await using var database = await Create();
        await using var registry = await WithVersions(database, 6);

        await Task.WhenAll(
            Enumerable.Range(1, 6).Select(version => registry.SetStageAsync(Model, version, ModelStage.Production, version, "", None))
        );

        Assert.Single(await Stages(registry), stage => stage == ModelStage.Production);
        Assert.Equal(11, (await registry.ReadTransitionsAsync(Model, None)).Count);
    }

    [SkippableFact]
    public async Task Rollbacks_go_back_one_promotion_after_the_other()
    {
        await using var database = await Create();
        await using var registry = await WithVersions(database, 3);
        foreach (var version in (int[])[1, 2, 3])
        {
            await registry.SetStageAsync(Model, version, ModelStage.Production, version, "", None);
        }

        var first = await registry.RollbackAsync(Model, 4, "", None);
        var second = await registry.RollbackAsync(Model, 5, "", None);
        var third = await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.RollbackAsync(Model, 6, "", None));

        Assert.Equal((2, 3, 1, 2), (first.Version.Number, first.Replaced!.Number, second.Version.Number, second.Replaced!.Number));
        Assert.Contains("model promote", third.Message, StringComparison.Ordinal);
        Assert.Equal([ModelStage.Production, ModelStage.Archived, ModelStage.Archived], await Stages(registry));
    }

    [SkippableFact]
    public async Task An_alias_leads_to_one_version_at_a_time()
    {
        await using var database = await Create();
        await using var registry = await WithVersions(database, 2);

        var before = await registry.SetAliasAsync(Model, "champion", 1, None);
        var moved = await registry.SetAliasAsync(Model, "champion", 2, None);
        await registry.SetAliasAsync(Model, "a", 2, None);

        Assert.Equal(((int?)null, (int?)1), (before, moved));
        var model = await registry.GetModelAsync(Model, None);
        Assert.Empty(model.Versions[0].Aliases);
        Assert.Equal(["a", "champion"], model.Versions[1].Aliases.ToArray());
        await registry.RemoveAliasAsync(Model, "champion", None);
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.RemoveAliasAsync(Model, "champion", None));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.SetAliasAsync(Model, "b", 3, None));
        await Assert.ThrowsAsync<FormatException>(() => registry.SetAliasAsync(Model, "v3", 1, None));
        Assert.Equal(["a"], (await registry.GetModelAsync(Model, None)).Versions.SelectMany(version => version.Aliases));
    }

    [SkippableFact]
    public async Task The_number_of_a_version_on_another_server_is_kept()
    {
        await using var database = await Create();
        await using var registry = await WithVersions(database, 1);

        await registry.SetMirrorVersionAsync(Model, 1, "17", None);

        Assert.Equal("17", (await registry.GetModelAsync(Model, None)).Versions[0].MirrorVersion);
        await Assert.ThrowsAsync<ModelNotFoundException>(() => registry.SetMirrorVersionAsync(Model, 2, "18", None));
    }

    private protected abstract Task<TestDatabase> Create();

    private static async Task<IModelRegistry> Open(TestDatabase database)
    {
        await database.OpenMigrated();
        return ModelRegistries.Create(database.Settings);
    }

    private static async Task<IModelRegistry> WithVersions(TestDatabase database, int count)
    {
        var registry = await Open(database);
        for (var i = 1; i <= count; i++)
        {
            await registry.RegisterAsync(New($"model {i}"), None);
        }

        return registry;
    }

    private static async Task<IEnumerable<ModelStage>> Stages(IModelRegistry registry) =>
        (await registry.GetModelAsync(Model, None)).Versions.Select(version => version.Stage);

    private static NewModelVersion New(string content) => new(Model, Encoding.UTF8.GetBytes(content), 1_700_000_000_000);

    private static ArtifactContent File(string path, string content) => new(path, "text/plain", Encoding.UTF8.GetBytes(content));

    private static string Id(int number) => $"{number:x32}";

    // Records compare their lists of aliases by reference.
    private static bool Same(ModelVersion a, ModelVersion b) => a with { Aliases = b.Aliases } == b;

    private static ImmutableSortedDictionary<string, T> Values<T>(params (string Key, T Value)[] values) =>
        values.ToImmutableSortedDictionary(value => value.Key, value => value.Value, StringComparer.Ordinal);
}
