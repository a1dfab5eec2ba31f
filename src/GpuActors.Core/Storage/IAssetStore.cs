using GpuActors.Core.Histories;

namespace GpuActors.Core.Storage;

/// <summary>
/// The database of what is known of GPUs besides their telemetry: inventory, lives and failures. Each write is one transaction, and writing
/// the same again changes nothing. The schema must exist (<see cref="ITelemetryStore.MigrateAsync"/>).
/// </summary>
public interface IAssetStore : IAsyncDisposable
{
    /// <summary>Writes an inventory to <c>gpu_assets</c>. What it does not say (null) stays as it is in the database.</summary>
    /// <param name="assets">GPUs, each once.</param>
    /// <param name="cancellationToken">Undoes the write.</param>
    Task<ImportCount> WriteAssetsAsync(IReadOnlyList<GpuAsset> assets, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a life and repair log. A service that is there already gets the end that the log says, a failure the type and replacement if
    /// the log says them; rows that the log does not have stay. A GPU without a row in <c>gpu_assets</c> gets one, and the date of its
    /// deployment if there is none.
    /// </summary>
    Task<HistoryCounts> WriteHistoryAsync(FleetHistory history, CancellationToken cancellationToken);

    /// <summary>Reads all lives and failures as lines of a log, in order of GPU and time.</summary>
    Task<IReadOnlyList<LifeSpan>> ReadHistoryAsync(CancellationToken cancellationToken);
}
