using System.Data.Common;
using GpuActors.Core.Registry;

namespace GpuActors.Storage.Registry;

/// <summary>Models: <c>registered_models</c>, <c>model_versions</c> and <c>model_aliases</c>.</summary>
internal static class ModelTables
{
    public static async Task<ModelVersion> RegisterAsync(RegistryTransaction transaction, NewModelVersion version)
    {
        var name = RegistryLimits.CheckName(version.Model);
        if (version.Content.Length == 0)
        {
            throw new ArgumentException($"a version of {name} is empty: name a model");
        }

        if (version.Stage == ModelStage.Production)
        {
            throw new ArgumentException($"a version of {name} cannot start in production: register it, then promote it");
        }

        if (version.RunId is { } run)
        {
            var runs = await transaction
                .ReadAsync("select 1 from training_runs where run_id = @id", row => 1, ("@id", run))
                .ConfigureAwait(false);
            if (runs.Count == 0)
            {
                throw RunTables.NoRun(run);
            }
        }

        await transaction
            .ExecuteAsync(
                "insert into registered_models (name, created) values (@name, @created) on conflict (name) do nothing",
                ("@name", name),
                ("@created", transaction.Time(version.CreatedMs))
            )
            .ConfigureAwait(false);
        await LockAsync(transaction, name).ConfigureAwait(false);
        var last = await transaction
            .ReadAsync(
                "select coalesce(max(version), 0) from model_versions where model = @model",
                row => row.GetInt32(0),
                ("@model", name)
            )
            .ConfigureAwait(false);
        var sha256 = await Blobs.AddAsync(transaction, $"the model {name}", version.Content).ConfigureAwait(false);
        var added = new ModelVersion(name, last[0] + 1, version.Stage, version.CreatedMs, version.Content.Length, sha256)
        {
            RunId = version.RunId,
            Description = version.Description,
        };
        await transaction
            .ExecuteAsync(
                "insert into model_versions (model, version, stage, created, run_id, description, sha256) "
                    + "values (@model, @version, @stage, @created, @run, @description, @sha256)",
                ("@model", name),
                ("@version", added.Number),
                ("@stage", added.Stage.ToString()),
                ("@created", transaction.Time(added.CreatedMs)),
                ("@run", added.RunId),
                ("@description", added.Description),
                ("@sha256", sha256)
            )
            .ConfigureAwait(false);
        return added;
    }

    /// <summary>Reads a model, or all of them if the name is null.</summary>
    public static async Task<IReadOnlyList<RegisteredModel>> ListAsync(RegistryTransaction transaction, string? name)
    {
        (string, object?)[] parameters = name is null ? [] : [("@model", name)];
        var models = await transaction
            .ReadAsync(
                $"select name, created from registered_models{(name is null ? "" : " where name = @model")}",
                row => (Name: row.GetString(0), CreatedMs: transaction.Time(row, 1)),
                parameters
            )
            .ConfigureAwait(false);
        var where = name is null ? "" : " where model = @model";
        var aliases = (
            await transaction
                .ReadAsync(
                    $"select model, version, alias from model_aliases{where}",
                    row => (Key: (row.GetString(0), row.GetInt32(1)), Alias: row.GetString(2)),
                    parameters
                )
                .ConfigureAwait(false)
        ).ToLookup(alias => alias.Key, alias => alias.Alias);
        var versions = (
            await transaction
                .ReadAsync(
                    "select v.model, v.version, v.stage, v.created, b.size, v.sha256, v.run_id, v.description, v.mirror_version "
                        + $"from model_versions v join registry_blobs b on b.sha256 = v.sha256{where} order by v.version",
                    row => Version(transaction, row),
                    parameters
                )
                .ConfigureAwait(false)
        ).ToLookup(version => version.Model, StringComparer.Ordinal);
        return
        [
            .. models
                .OrderBy(model => model.Name, StringComparer.Ordinal)
                .Select(model => new RegisteredModel(
                    model.Name,
                    model.CreatedMs,
                    [
                        .. versions[model.Name]
                            .Select(version =>
                                version with
                                {
                                    Aliases = [.. aliases[(version.Model, version.Number)].Order(StringComparer.Ordinal)],
                                }
                            ),
                    ]
                )),
        ];
    }

    public static async Task<RegisteredModel> GetAsync(RegistryTransaction transaction, string name) =>
        await ListAsync(transaction, name).ConfigureAwait(false) is [var model]
            ? model
            : throw new ModelNotFoundException(
                $"there is no model '{name}': gpuactors model list shows those that there are, gpuactors model register adds one"
            );

    /// <summary>Reads a version.</summary>
    /// <exception cref="ModelNotFoundException">There is none.</exception>
    public static async Task<ModelVersion> GetAsync(RegistryTransaction transaction, string name, int version)
    {
        var model = await GetAsync(transaction, name).ConfigureAwait(false);
        return model.Resolve(new RegisteredModelAddress(name) { Version = version });
    }

    public static async Task<byte[]> ReadAsync(RegistryTransaction transaction, string name, int number)
    {
        var version = await GetAsync(transaction, name, number).ConfigureAwait(false);
        var contents = await transaction
            .ReadAsync(
                "select content from registry_blobs where sha256 = @sha256",
                row => row.GetFieldValue<byte[]>(0),
                ("@sha256", version.Sha256)
            )
            .ConfigureAwait(false);
        return Blobs.Checked(version.Address, version.Sha256, contents[0]);
    }

    public static async Task<bool> SetMirrorVersionAsync(RegistryTransaction transaction, string model, int version, string mirrorVersion)
    {
        await GetAsync(transaction, model, version).ConfigureAwait(false);
        await transaction
            .ExecuteAsync(
                "update model_versions set mirror_version = @mirror where model = @model and version = @version",
                ("@mirror", mirrorVersion),
                ("@model", model),
                ("@version", version)
            )
            .ConfigureAwait(false);
        return true;
    }

    public static async Task<int?> SetAliasAsync(RegistryTransaction transaction, string model, string alias, int version)
    {
        RegistryLimits.CheckAlias(alias);
        await LockAsync(transaction, model).ConfigureAwait(false);
        await GetAsync(transaction, model, version).ConfigureAwait(false);
        var before = await transaction
            .ReadAsync(
                "select version from model_aliases where model = @model and alias = @alias",
                row => (int?)row.GetInt32(0),
                ("@model", model),
                ("@alias", alias)
            )
            .ConfigureAwait(false);
        await transaction
            .ExecuteAsync(
                "insert into model_aliases (model, alias, version) values (@model, @alias, @version) "
                    + "on conflict (model, alias) do update set version = excluded.version",
                ("@model", model),
                ("@alias", alias),
                ("@version", version)
            )
            .ConfigureAwait(false);
        return before.FirstOrDefault();
    }

    public static async Task<bool> RemoveAliasAsync(RegistryTransaction transaction, string model, string alias)
    {
        var found = (await GetAsync(transaction, model).ConfigureAwait(false)).Resolve(new RegisteredModelAddress(model) { Alias = alias });
        await transaction
            .ExecuteAsync("delete from model_aliases where model = @model and alias = @alias", ("@model", found.Model), ("@alias", alias))
            .ConfigureAwait(false);
        return true;
    }

    /// <summary>Lets other writers of a model wait until this transaction ends.</summary>
    public static Task LockAsync(RegistryTransaction transaction, string model) =>
        transaction.ReadAsync(
            $"select name from registered_models where name = @name{transaction.ForUpdate}",
            row => row.GetString(0),
            ("@name", model)
        );

    private static ModelVersion Version(RegistryTransaction transaction, DbDataReader row) =>
        new(
            row.GetString(0),
            row.GetInt32(1),
            Enum.Parse<ModelStage>(row.GetString(2)),
            transaction.Time(row, 3),
            row.GetInt64(4),
            row.GetString(5)
        )
        {
            RunId = row.IsDBNull(6) ? null : row.GetString(6),
            Description = row.GetString(7),
            MirrorVersion = row.IsDBNull(8) ? null : row.GetString(8),
        };
}
