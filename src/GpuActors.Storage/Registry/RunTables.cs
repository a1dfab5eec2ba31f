using System.Collections.Immutable;
using System.Data.Common;
using GpuActors.Core.Registry;

namespace GpuActors.Storage.Registry;

/// <summary>Training runs: <c>training_runs</c> and the tables of what belongs to them.</summary>
internal static class RunTables
{
    private const string Columns =
        "run_id, experiment, name, status, started, ended, code_version, data_source, data_fingerprint, mirror_uri, mirror_run_id, "
        + "mirror_problem";

    private const int ShortestPrefix = 4;

    public static async Task<TrainingRun> AddAsync(RegistryTransaction transaction, TrainingRun run, IReadOnlyList<ArtifactContent> files)
    {
        if (files.GroupBy(file => file.Path, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"the artefact {twice.Key} occurs twice: name each once");
        }

        var added = await transaction
            .ExecuteAsync(
                $"insert into training_runs ({Columns}) values (@id, @experiment, @name, @status, @started, @ended, @code, @source, "
                    + "@fingerprint, @uri, @mirror, @problem) on conflict (run_id) do nothing",
                ("@id", run.Id),
                ("@experiment", run.Experiment),
                ("@name", run.Name),
                ("@status", run.Status.ToString()),
                ("@started", transaction.Time(run.StartedMs)),
                ("@ended", transaction.Time(run.EndedMs)),
                ("@code", run.CodeVersion),
                ("@source", run.DataSource),
                ("@fingerprint", run.DataFingerprint),
                ("@uri", run.Mirror?.Uri),
                ("@mirror", run.Mirror?.RunId),
                ("@problem", run.Mirror?.Problem)
            )
            .ConfigureAwait(false);
        if (added == 0)
        {
            throw new ArgumentException($"there is a run {run.Id} already: a run has an id of its own");
        }

        await AddValuesAsync(transaction, "training_run_parameters", run.Id, run.Parameters).ConfigureAwait(false);
        await AddValuesAsync(transaction, "training_run_metrics", run.Id, run.Metrics).ConfigureAwait(false);
        await AddValuesAsync(transaction, "training_run_tags", run.Id, run.Tags).ConfigureAwait(false);
        var artifacts = new List<RunArtifact>();
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            var sha256 = await Blobs.AddAsync(transaction, $"the artefact {file.Path}", file.Content).ConfigureAwait(false);
            artifacts.Add(new RunArtifact(file.Path, file.MediaType, file.Content.Length, sha256));
            await transaction
                .ExecuteAsync(
                    "insert into training_run_artifacts (run_id, path, media_type, sha256) values (@id, @path, @type, @sha256)",
                    ("@id", run.Id),
                    ("@path", file.Path),
                    ("@type", file.MediaType),
                    ("@sha256", sha256)
                )
                .ConfigureAwait(false);
        }

        return run with
        {
            Artifacts = [.. artifacts],
        };
    }

    public static async Task<bool> SetMirrorAsync(RegistryTransaction transaction, string runId, RunMirror mirror)
    {
        var changed = await transaction
            .ExecuteAsync(
                "update training_runs set mirror_uri = @uri, mirror_run_id = @mirror, mirror_problem = @problem where run_id = @id",
                ("@id", runId),
                ("@uri", mirror.Uri),
                ("@mirror", mirror.RunId),
                ("@problem", mirror.Problem)
            )
            .ConfigureAwait(false);
        return changed > 0 ? true : throw NoRun(runId);
    }

    public static async Task<IReadOnlyList<TrainingRun>> ListAsync(RegistryTransaction transaction, string? experiment, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        var runs = await ReadAsync(
                transaction,
                $"{(experiment is null ? "" : "where experiment = @experiment ")}order by started desc, run_id limit @limit",
                [.. experiment is null ? Array.Empty<(string, object?)>() : [("@experiment", experiment)], ("@limit", limit)]
            )
            .ConfigureAwait(false);
        return runs;
    }

    public static async Task<TrainingRun> GetAsync(RegistryTransaction transaction, string idOrPrefix)
    {
        if (idOrPrefix.Length < ShortestPrefix || !idOrPrefix.All(char.IsAsciiHexDigitLower))
        {
            throw new ModelNotFoundException(
                $"run '{idOrPrefix}': it must have {ShortestPrefix} to 32 of the digits 0-9 and a-f that gpuactors runs list shows"
            );
        }

        var runs = await ReadAsync(
                transaction,
                "where substr(run_id, 1, @length) = @prefix order by run_id limit 2",
                [("@length", idOrPrefix.Length), ("@prefix", idOrPrefix)]
            )
            .ConfigureAwait(false);
        return runs switch
        {
            [var run] => run,
            [] => throw NoRun(idOrPrefix),
            _ => throw new ModelNotFoundException($"run '{idOrPrefix}': several runs begin so: name more of its digits"),
        };
    }

    public static async Task<byte[]> ReadArtifactAsync(RegistryTransaction transaction, string runId, string path)
    {
        var found = await transaction
            .ReadAsync(
                "select b.sha256, b.content from training_run_artifacts a join registry_blobs b on b.sha256 = a.sha256 "
                    + "where a.run_id = @id and a.path = @path",
                row => (Sha256: row.GetString(0), Content: row.GetFieldValue<byte[]>(1)),
                ("@id", runId),
                ("@path", path)
            )
            .ConfigureAwait(false);
        return found is [var (sha256, content)]
            ? Blobs.Checked($"artefact {path} of run {runId}", sha256, content)
            : throw new ModelNotFoundException($"run {runId} has no artefact '{path}': gpuactors runs show {runId} lists what it has");
    }

    /// <summary>The error about a run that does not exist.</summary>
    public static ModelNotFoundException NoRun(string id) => new($"there is no run '{id}': gpuactors runs list shows those that there are");

    private static async Task AddValuesAsync<T>(
        RegistryTransaction transaction,
        string table,
        string runId,
        IEnumerable<KeyValuePair<string, T>> values
    )
    {
        foreach (var (key, value) in values)
        {
            await transaction
                .ExecuteAsync(
                    $"insert into {table} (run_id, key, value) values (@id, @key, @value)",
                    ("@id", runId),
                    ("@key", key),
                    ("@value", value)
                )
                .ConfigureAwait(false);
        }
    }

    private static async Task<List<TrainingRun>> ReadAsync(
        RegistryTransaction transaction,
        string where,
        (string Name, object? Value)[] parameters
    )
    {
        var runs = await transaction
            .ReadAsync($"select {Columns} from training_runs {where}", row => Run(transaction, row), parameters)
            .ConfigureAwait(false);
        var ids = $"in (select run_id from training_runs {where})";
        var texts = await ValuesAsync(transaction, "training_run_parameters", ids, row => row.GetString(2), parameters)
            .ConfigureAwait(false);
        var numbers = await ValuesAsync(
                transaction,
                "training_run_metrics",
                ids,
                row => row.IsDBNull(2) ? double.NaN : row.GetDouble(2),
                parameters
            )
            .ConfigureAwait(false);
        var tags = await ValuesAsync(transaction, "training_run_tags", ids, row => row.GetString(2), parameters).ConfigureAwait(false);
        var artifacts = (
            await transaction
                .ReadAsync(
                    "select a.run_id, a.path, a.media_type, b.size, a.sha256 from training_run_artifacts a "
                        + $"join registry_blobs b on b.sha256 = a.sha256 where a.run_id {ids}",
                    row => (Id: row.GetString(0), File: Artifact(row)),
                    parameters
                )
                .ConfigureAwait(false)
        ).ToLookup(artifact => artifact.Id, artifact => artifact.File);
        return
        [
            .. runs.Select(run =>
                run with
                {
                    Parameters = Sorted(texts[run.Id]),
                    Metrics = Sorted(numbers[run.Id]),
                    Tags = Sorted(tags[run.Id]),
                    Artifacts = [.. artifacts[run.Id].OrderBy(artifact => artifact.Path, StringComparer.Ordinal)],
                }
            ),
        ];
    }

    private static async Task<ILookup<string, KeyValuePair<string, T>>> ValuesAsync<T>(
        RegistryTransaction transaction,
        string table,
        string ids,
        Func<DbDataReader, T> value,
        (string Name, object? Value)[] parameters
    )
    {
        var rows = await transaction
            .ReadAsync(
                $"select run_id, key, value from {table} where run_id {ids}",
                row => (Id: row.GetString(0), Pair: KeyValuePair.Create(row.GetString(1), value(row))),
                parameters
            )
            .ConfigureAwait(false);
        return rows.ToLookup(row => row.Id, row => row.Pair);
    }

    private static TrainingRun Run(RegistryTransaction transaction, DbDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2),
            Enum.Parse<RunStatus>(row.GetString(3)),
            transaction.Time(row, 4),
            transaction.Time(row, 5)
        )
        {
            CodeVersion = row.GetString(6),
            DataSource = row.GetString(7),
            DataFingerprint = Text(row, 8),
            Mirror = row.IsDBNull(9) ? null : new RunMirror(row.GetString(9), Text(row, 10), Text(row, 11)),
        };

    private static RunArtifact Artifact(DbDataReader row) => new(row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4));

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static ImmutableSortedDictionary<string, T> Sorted<T>(IEnumerable<KeyValuePair<string, T>> values) =>
        values.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
