using GpuActors.Core.Alerts;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Storage;

/// <summary>
/// The database behind STORE: TimescaleDB, PostgreSQL or the embedded SQLite. Every write is one transaction that holds the rows and the
/// offsets they cover, so that each row is there exactly once whatever is killed when. Safe for concurrent writes of different partitions.
/// </summary>
public interface ITelemetryStore : IAsyncDisposable
{
    /// <summary>Creates or upgrades the schema; idempotent, and safe when several nodes start at once.</summary>
    Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Newest migration in the database; 0 when there is none.</summary>
    Task<int> GetSchemaVersionAsync(CancellationToken cancellationToken);

    /// <summary>Where to go on in each partition of <paramref name="topic"/> that has been stored from; others are not in it.</summary>
    Task<IReadOnlyDictionary<int, long>> GetOffsetsAsync(string topic, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the samples of <paramref name="batches"/> and moves the offset of each batch's partition of <paramref name="topic"/> to its
    /// <see cref="SampleBatch.NextOffset"/>, in one transaction. A batch of rejects alone moves the offset only.
    /// </summary>
    /// <returns>Number of rows written.</returns>
    /// <exception cref="OffsetConflictException">The stored offset is past the first offset of a batch: another owner has written
    /// meanwhile. (It may be before it: Kafka offsets have gaps.)</exception>
    Task<int> WriteSamplesAsync(string topic, IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken);

    /// <summary>
    /// Writes alert transitions and moves the offsets they cover, in one transaction. The same (alert_id, seq) again is ignored.
    /// </summary>
    Task WriteAlertsAsync(
        IReadOnlyList<AlertTransition> transitions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    );

    /// <summary>Writes predictions and moves the offsets they cover, in one transaction. The same GPU and time again is ignored.</summary>
    Task WritePredictionsAsync(
        IReadOnlyList<FailurePrediction> predictions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    );

    /// <summary>Rows in a table, for summaries and checks.</summary>
    Task<long> CountRowsAsync(string table, CancellationToken cancellationToken);
}
