using GpuActors.Core.Registry;

namespace GpuActors.Storage.Registry;

/// <summary>
/// The registry in any of the databases: runs are in <see cref="RunTables"/>, models in <see cref="ModelTables"/>.
/// </summary>
internal abstract class SqlModelRegistry : IModelRegistry
{
    public Task<TrainingRun> AddRunAsync(TrainingRun run, IReadOnlyList<ArtifactContent> artifacts, CancellationToken cancellationToken) =>
        RunAsync(write: true, transaction => RunTables.AddAsync(transaction, run, artifacts), cancellationToken);

    public Task SetMirrorAsync(string runId, RunMirror mirror, CancellationToken cancellationToken) =>
        RunAsync(write: true, transaction => RunTables.SetMirrorAsync(transaction, runId, mirror), cancellationToken);

    public Task<IReadOnlyList<TrainingRun>> ListRunsAsync(string? experiment, int limit, CancellationToken cancellationToken) =>
        RunAsync(write: false, transaction => RunTables.ListAsync(transaction, experiment, limit), cancellationToken);

    public Task<TrainingRun> GetRunAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        RunAsync(write: false, transaction => RunTables.GetAsync(transaction, idOrPrefix), cancellationToken);

    public Task<byte[]> ReadArtifactAsync(string runId, string path, CancellationToken cancellationToken) =>
        RunAsync(write: false, transaction => RunTables.ReadArtifactAsync(transaction, runId, path), cancellationToken);

    public Task<ModelVersion> RegisterAsync(NewModelVersion version, CancellationToken cancellationToken) =>
        RunAsync(write: true, transaction => ModelTables.RegisterAsync(transaction, version), cancellationToken);

    public Task SetMirrorVersionAsync(string model, int version, string mirrorVersion, CancellationToken cancellationToken) =>
        RunAsync(
            write: true,
            transaction => ModelTables.SetMirrorVersionAsync(transaction, model, version, mirrorVersion),
            cancellationToken
        );

    public Task<IReadOnlyList<RegisteredModel>> ListModelsAsync(CancellationToken cancellationToken) =>
        RunAsync(write: false, transaction => ModelTables.ListAsync(transaction, null), cancellationToken);

    public Task<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken) =>
        RunAsync(write: false, transaction => ModelTables.GetAsync(transaction, name), cancellationToken);

    public Task<byte[]> ReadModelAsync(string model, int version, CancellationToken cancellationToken) =>
        RunAsync(write: false, transaction => ModelTables.ReadAsync(transaction, model, version), cancellationToken);

    public Task<StageChange> SetStageAsync(
        string model,
        int version,
        ModelStage stage,
        long atMs,
        string note,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            write: true,
            transaction => StageTables.SetAsync(transaction, model, version, stage, TransitionCause.Requested, atMs, note),
            cancellationToken
        );

    public Task<StageChange> RollbackAsync(string model, long atMs, string note, CancellationToken cancellationToken) =>
        RunAsync(write: true, transaction => StageTables.RollbackAsync(transaction, model, atMs, note), cancellationToken);

    public Task<IReadOnlyList<StageTransition>> ReadTransitionsAsync(string model, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<StageTransition>>(
            write: false,
            async transaction =>
            {
                await ModelTables.GetAsync(transaction, model).ConfigureAwait(false);
                return await StageTables.TransitionsAsync(transaction, model).ConfigureAwait(false);
            },
            cancellationToken
        );

    public Task<int?> SetAliasAsync(string model, string alias, int version, CancellationToken cancellationToken) =>
        RunAsync(write: true, transaction => ModelTables.SetAliasAsync(transaction, model, alias, version), cancellationToken);

    public Task RemoveAliasAsync(string model, string alias, CancellationToken cancellationToken) =>
        RunAsync(write: true, transaction => ModelTables.RemoveAliasAsync(transaction, model, alias), cancellationToken);

    public abstract ValueTask DisposeAsync();

    /// <summary>Runs work in a transaction, which is undone if the work throws.</summary>
    /// <param name="write">Whether the work writes.</param>
    /// <param name="work">The work.</param>
    /// <param name="stop">Undoes it.</param>
    private protected abstract Task<T> RunAsync<T>(bool write, Func<RegistryTransaction, Task<T>> work, CancellationToken stop);
}
