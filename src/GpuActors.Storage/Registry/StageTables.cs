using GpuActors.Core.Registry;

namespace GpuActors.Storage.Registry;

/// <summary>Stages of versions and their history: <c>model_transitions</c>.</summary>
internal static class StageTables
{
    public static async Task<StageChange> SetAsync(
        RegistryTransaction transaction,
        string model,
        int number,
        ModelStage stage,
        TransitionCause cause,
        long atMs,
        string note
    )
    {
        await ModelTables.LockAsync(transaction, model).ConfigureAwait(false);
        var all = await ModelTables.GetAsync(transaction, model).ConfigureAwait(false);
        var version = all.Resolve(new RegisteredModelAddress(model) { Version = number });
        if (version.Stage == stage)
        {
            return new StageChange(version, stage, null);
        }

        var replaced = stage == ModelStage.Production ? all.Production : null;
        if (replaced is not null)
        {
            replaced = await MoveAsync(transaction, replaced, ModelStage.Archived, TransitionCause.Replaced, atMs, note)
                .ConfigureAwait(false);
        }

        return new StageChange(
            await MoveAsync(transaction, version, stage, cause, atMs, note).ConfigureAwait(false),
            version.Stage,
            replaced
        );
    }

    public static async Task<StageChange> RollbackAsync(RegistryTransaction transaction, string model, long atMs, string note)
    {
        await ModelTables.LockAsync(transaction, model).ConfigureAwait(false);
        await ModelTables.GetAsync(transaction, model).ConfigureAwait(false);
        var former =
            ProductionHistory.Former(await TransitionsAsync(transaction, model).ConfigureAwait(false))
            ?? throw new ModelNotFoundException(
                $"no version of {model} was in production before: name the version that is wanted with gpuactors model promote"
            );
        return await SetAsync(transaction, model, former, ModelStage.Production, TransitionCause.Rollback, atMs, note)
            .ConfigureAwait(false);
    }

    public static Task<List<StageTransition>> TransitionsAsync(RegistryTransaction transaction, string model) =>
        transaction.ReadAsync(
            "select version, from_stage, to_stage, cause, at, note from model_transitions where model = @model order by id",
            row => new StageTransition(
                row.GetInt32(0),
                Enum.Parse<ModelStage>(row.GetString(1)),
                Enum.Parse<ModelStage>(row.GetString(2)),
                Enum.Parse<TransitionCause>(row.GetString(3)),
                transaction.Time(row, 4),
                row.GetString(5)
            ),
            ("@model", model)
        );

    private static async Task<ModelVersion> MoveAsync(
        RegistryTransaction transaction,
        ModelVersion version,
        ModelStage stage,
        TransitionCause cause,
        long atMs,
        string note
    )
    {
        await transaction
            .ExecuteAsync(
                "update model_versions set stage = @stage where model = @model and version = @version",
                ("@stage", stage.ToString()),
                ("@model", version.Model),
                ("@version", version.Number)
            )
            .ConfigureAwait(false);
        await transaction
            .ExecuteAsync(
                "insert into model_transitions (model, version, from_stage, to_stage, cause, at, note) "
                    + "values (@model, @version, @from, @to, @cause, @at, @note)",
                ("@model", version.Model),
                ("@version", version.Number),
                ("@from", version.Stage.ToString()),
                ("@to", stage.ToString()),
                ("@cause", cause.ToString()),
                ("@at", transaction.Time(atMs)),
                ("@note", note)
            )
            .ConfigureAwait(false);
        return version with { Stage = stage };
    }
}
