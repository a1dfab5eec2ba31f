using GpuActors.Core.Alerts;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Storage;

/// <summary>
/// The database that STORE writes to: TimescaleDB, PostgreSQL or embedded SQLite. Every write is one transaction that contains the rows and
/// the offsets that they cover, so each row is stored exactly once, even if a process is killed at any point. Different partitions may be
/// written concurrently.
/// </summary>
public interface ITelemetryStore : IAsyncDisposable
{
    /// <summary>Creates or upgrades the schema. Idempotent, and safe when several nodes call it at the same time.</summary>
    Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Gets the number of the newest migration in the database; 0 if none was applied.</summary>
    Task<int> GetSchemaVersionAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Gets the next offset to store for each partition of <paramref name="topic"/>. Partitions that were never stored are not in the
    /// result.
    /// </summary>
    Task<IReadOnlyDictionary<int, long>> GetOffsetsAsync(string topic, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the samples of <paramref name="batches"/> and moves the offset of each batch's partition of <paramref name="topic"/> to its
    /// <see cref="SampleBatch.NextOffset"/>, in one transaction. A batch that contains only rejected records moves the offset only.
    /// </summary>
    /// <returns>Number of rows written.</returns>
    /// <exception cref="OffsetConflictException">The stored offset is greater than the first offset of a batch, because another node has
    /// stored the partition in the meantime. (A smaller stored offset is no error: Kafka offsets have gaps.)</exception>
    /// <exception cref="RowsRefusedException">The database refuses some of the rows; nothing was written.</exception>
    Task<int> WriteSamplesAsync(string topic, IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken);

    /// <summary>
    /// Writes alert transitions and moves the offsets that they cover, in one transaction. A transition whose (alert_id, seq) is already
    /// stored is ignored.
    /// </summary>
    /// <exception cref="RowsRefusedException">The database refuses some of the rows; nothing was written.</exception>
    Task WriteAlertsAsync(
        IReadOnlyList<AlertTransition> transitions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Writes predictions and moves the offsets that they cover, in one transaction. A prediction whose GPU and time are already stored is
    /// ignored.
    /// </summary>
    /// <exception cref="RowsRefusedException">The database refuses some of the rows; nothing was written.</exception>
    Task WritePredictionsAsync(
        IReadOnlyList<FailurePrediction> predictions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Reads the stored samples of a GPU in the order of their time, for a replay. XIDs that are not the gauge's, and what belongs to a
    /// record (partition, offset, time of the append), are not stored.
    /// </summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="fromMs">Time of the first sample, Unix milliseconds.</param>
    /// <param name="toMs">Time before which the last one is, Unix milliseconds.</param>
    /// <param name="take">
    /// Takes a sample, which is filled anew for the next one. Offsets count the samples of this call from 0, and the time of the append is
    /// that of the sample. SQLite serves nothing else meanwhile.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Number of samples.</returns>
    Task<long> ReadSamplesAsync(GpuIdentity gpu, long fromMs, long toMs, Action<GpuSample> take, CancellationToken cancellationToken);

    /// <summary>Counts the rows of a table, for summaries and checks.</summary>
    Task<long> CountRowsAsync(string table, CancellationToken cancellationToken);
}
