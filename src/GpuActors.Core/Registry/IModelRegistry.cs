namespace GpuActors.Core.Registry;

/// <summary>
/// The database of training runs and registered models. Each call is one transaction. The schema must exist
/// (<c>ITelemetryStore.MigrateAsync</c>).
/// </summary>
public interface IModelRegistry : IAsyncDisposable
{
    /// <summary>Writes a run with its files.</summary>
    /// <returns>The run with <see cref="TrainingRun.Artifacts"/>.</returns>
    /// <exception cref="ArgumentException">
    /// There is a run of this id already, a path occurs twice, or a content is longer than <see cref="RegistryLimits.MaxContentBytes"/>.
    /// </exception>
    Task<TrainingRun> AddRunAsync(TrainingRun run, IReadOnlyList<ArtifactContent> artifacts, CancellationToken cancellationToken);

    /// <summary>Says whether a run is on an MLflow server.</summary>
    /// <exception cref="ModelNotFoundException">There is no such run.</exception>
    Task SetMirrorAsync(string runId, RunMirror mirror, CancellationToken cancellationToken);

    /// <summary>Reads the newest runs, newest first.</summary>
    /// <param name="experiment">Only those of this experiment; null for all.</param>
    /// <param name="limit">How many at most; 1 to 10,000.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    Task<IReadOnlyList<TrainingRun>> ListRunsAsync(string? experiment, int limit, CancellationToken cancellationToken);

    /// <summary>Finds a run by its id, or by the beginning of it.</summary>
    /// <param name="idOrPrefix">At least four of the 32 digits.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="ModelNotFoundException">There is no such run, or there are several.</exception>
    Task<TrainingRun> GetRunAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>Reads a file of a run.</summary>
    /// <exception cref="ModelNotFoundException">The run has no such file.</exception>
    Task<byte[]> ReadArtifactAsync(string runId, string path, CancellationToken cancellationToken);

    /// <summary>
    /// Registers a version. It gets the next number of its model, whoever else registers at the same time.
    /// </summary>
    /// <exception cref="ArgumentException">The content is empty or too long, or the stage is production.</exception>
    /// <exception cref="FormatException">The name cannot be that of a model.</exception>
    /// <exception cref="ModelNotFoundException">The run does not exist.</exception>
    Task<ModelVersion> RegisterAsync(NewModelVersion version, CancellationToken cancellationToken);

    /// <summary>Says which number a version has on an MLflow server.</summary>
    /// <exception cref="ModelNotFoundException">There is no such version.</exception>
    Task SetMirrorVersionAsync(string model, int version, string mirrorVersion, CancellationToken cancellationToken);

    /// <summary>Reads all models, in order of their names.</summary>
    Task<IReadOnlyList<RegisteredModel>> ListModelsAsync(CancellationToken cancellationToken);

    /// <summary>Reads a model.</summary>
    /// <exception cref="ModelNotFoundException">There is none of this name.</exception>
    Task<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken);

    /// <summary>Reads the content of a version.</summary>
    /// <exception cref="ModelNotFoundException">There is no such version.</exception>
    /// <exception cref="InvalidDataException">What the database holds does not have the SHA-256 of the version.</exception>
    Task<byte[]> ReadModelAsync(string model, int version, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a version a stage. A version that goes into production archives the one that was there. A version that has the stage already
    /// stays as it is.
    /// </summary>
    /// <exception cref="ModelNotFoundException">There is no such version.</exception>
    Task<StageChange> SetStageAsync(
        string model,
        int version,
        ModelStage stage,
        long atMs,
        string note,
        CancellationToken cancellationToken
    );

    /// <summary>Brings the version back that was in production before (<see cref="ProductionHistory"/>).</summary>
    /// <exception cref="ModelNotFoundException">There is no such model, or no version was in production before.</exception>
    Task<StageChange> RollbackAsync(string model, long atMs, string note, CancellationToken cancellationToken);

    /// <summary>Reads the changes of stage of a model, in their order.</summary>
    /// <exception cref="ModelNotFoundException">There is no such model.</exception>
    Task<IReadOnlyList<StageTransition>> ReadTransitionsAsync(string model, CancellationToken cancellationToken);

    /// <summary>Lets an alias lead to a version, wherever it has led before.</summary>
    /// <returns>Number of the version to which it led before; null if there was none.</returns>
    /// <exception cref="FormatException">The alias cannot be one.</exception>
    /// <exception cref="ModelNotFoundException">There is no such version.</exception>
    Task<int?> SetAliasAsync(string model, string alias, int version, CancellationToken cancellationToken);

    /// <summary>Removes an alias.</summary>
    /// <exception cref="ModelNotFoundException">The model has no such alias.</exception>
    Task RemoveAliasAsync(string model, string alias, CancellationToken cancellationToken);
}
