using System.Diagnostics.Metrics;
using GpuActors.Core.Alerts;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace GpuActors.Storage.Postgres;

/// <summary>
/// The store for PostgreSQL and TimescaleDB. It writes samples by binary COPY, in one transaction with the offsets that they cover.
/// </summary>
internal sealed class PostgresTelemetryStore : ITelemetryStore
{
    private static readonly Meter Meter = new("GpuActors.Storage");
    private static readonly Counter<long> Unfit = Meter.CreateCounter<long>(
        "gpuactors_storage_unfit_values",
        "{value}",
        "Values outside the range of their column, stored as null"
    );

    private readonly NpgsqlDataSource _source;
    private readonly PostgresMigrator _migrator;

    public PostgresTelemetryStore(StorageSettings settings)
    {
        _source = PostgresSource.Of(settings);
        _migrator = new PostgresMigrator(_source, settings.Schema);
    }

    public Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken) => _migrator.MigrateAsync(cancellationToken);

    public Task<int> GetSchemaVersionAsync(CancellationToken cancellationToken) => _migrator.GetVersionAsync(cancellationToken);

    public async Task<IReadOnlyDictionary<int, long>> GetOffsetsAsync(string topic, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await PostgresOffsets.ReadAsync(connection, topic, cancellationToken).ConfigureAwait(false);
    }

    public async Task<int> WriteSamplesAsync(string topic, IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var spans = OffsetSpans.Of(batches);
        try
        {
            return await WriteSamplesAsync(topic, batches, spans, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreErrors.IsRefusal(e))
        {
            var rows = new List<GpuSample>();
            foreach (var batch in batches)
            {
                rows.AddRange(batch.Samples);
            }

            await ThrowIfRefusedAsync(
                    e,
                    rows.Count,
                    (connection, start, count) => CopyAsync(connection, rows.GetRange(start, count), cancellationToken),
                    cancellationToken
                )
                .ConfigureAwait(false);
            throw;
        }
    }

    private async Task<int> WriteSamplesAsync(
        string topic,
        IReadOnlyList<SampleBatch> batches,
        IReadOnlyList<(int Partition, long First, long Next)> spans,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (partition, first, next) in spans)
        {
            await PostgresOffsets.MoveAsync(connection, topic, partition, first, next, cancellationToken).ConfigureAwait(false);
        }

        var rows = await CopyAsync(connection, batches, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    }

    public Task WriteAlertsAsync(
        IReadOnlyList<AlertTransition> transitions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    ) => WriteFactsAsync(transitions, InsertAsync, offsets, cancellationToken);

    public Task WritePredictionsAsync(
        IReadOnlyList<FailurePrediction> predictions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    ) => WriteFactsAsync(predictions, InsertAsync, offsets, cancellationToken);

    // Facts have unique keys, so writing them again changes nothing, and their offset needs no conflict check.
    private async Task WriteFactsAsync<TFact>(
        IReadOnlyList<TFact> facts,
        Func<NpgsqlConnection, TFact, CancellationToken, Task> insert,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(offsets);
        try
        {
            await WriteFactsOnceAsync(facts, insert, offsets, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreErrors.IsRefusal(e))
        {
            await ThrowIfRefusedAsync(
                    e,
                    facts.Count,
                    async (connection, start, count) =>
                    {
                        foreach (var fact in facts.Skip(start).Take(count))
                        {
                            await insert(connection, fact, cancellationToken).ConfigureAwait(false);
                        }
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            throw;
        }
    }

    private async Task WriteFactsOnceAsync<TFact>(
        IReadOnlyList<TFact> facts,
        Func<NpgsqlConnection, TFact, CancellationToken, Task> insert,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        foreach (var fact in facts)
        {
            await insert(connection, fact, cancellationToken).ConfigureAwait(false);
        }

        foreach (var offset in offsets)
        {
            await PostgresOffsets.RaiseAsync(connection, offset, cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> ReadSamplesAsync(
        GpuIdentity gpu,
        long fromMs,
        long toMs,
        Action<GpuSample> take,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(gpu);
        ArgumentNullException.ThrowIfNull(take);
        await using var command = _source.CreateCommand(
            $"select {StoredSamples.Columns} from gpu_metrics where gpu_uuid = $1 and time >= $2 and time < $3 order by time"
        );
        command.Parameters.Add(new() { Value = gpu.Id.Value });
        command.Parameters.Add(new() { Value = Time(fromMs) });
        command.Parameters.Add(new() { Value = Time(toMs) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var (sample, rows) = (new GpuSample(), 0L);
        for (; await reader.ReadAsync(cancellationToken).ConfigureAwait(false); rows++)
        {
            var time = new DateTimeOffset(reader.GetDateTime(0)).ToUnixTimeMilliseconds();
            StoredSamples.Fill(reader, time, gpu, rows, sample);
            take(sample);
        }

        return rows;
    }

    public async Task<long> CountRowsAsync(string table, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand($"select count(*) from {KnownTables.Check(table)}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task ThrowIfRefusedAsync(
        Exception first,
        int count,
        Func<NpgsqlConnection, int, int, Task> write,
        CancellationToken cancellationToken
    )
    {
        var rows = await RefusedRows.FindAsync(_source, count, write, cancellationToken).ConfigureAwait(false);
        if (rows.Count > 0)
        {
            throw new RowsRefusedException(rows, first);
        }
    }

    private static async Task<int> CopyAsync(
        NpgsqlConnection connection,
        IReadOnlyList<SampleBatch> batches,
        CancellationToken cancellationToken
    )
    {
        if (batches.All(b => b.Count == 0))
        {
            return 0;
        }

        var rows = 0;
        var unfit = 0;
        await using var copy = await connection.BeginBinaryImportAsync(SampleCopy.Command, cancellationToken).ConfigureAwait(false);
        foreach (var batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var sample in batch.Samples)
            {
                unfit += SampleCopy.Write(copy, sample);
            }

            rows += batch.Count;
        }

        await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        if (unfit > 0)
        {
            Unfit.Add(unfit);
        }

        return rows;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, List<GpuSample> samples, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(SampleCopy.Command, cancellationToken).ConfigureAwait(false);
        foreach (var sample in samples)
        {
            _ = SampleCopy.Write(copy, sample);
        }

        await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task InsertAsync(NpgsqlConnection connection, AlertTransition alert, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into gpu_alerts (
                alert_id, seq, state, severity, rule, gpu_uuid, summary, value, threshold,
                opened_at, source_time, ingested_at, detected_at, latency_ms, action, labels, runbook)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) on conflict (alert_id, seq) do nothing
            """,
            connection
        )
        {
            Parameters =
            {
                new() { Value = alert.AlertId.Value },
                new() { Value = alert.Seq },
                new() { Value = alert.State.Name() },
                new() { Value = alert.Severity.Name() },
                new() { Value = StorableText.Of(alert.Rule) },
                new() { Value = alert.Gpu.Value },
                new() { Value = StorableText.Of(alert.Summary) },
                new() { Value = Nullable(alert.Value) },
                new() { Value = Nullable(alert.Threshold) },
                new() { Value = Time(alert.OpenedAtMs) },
                new() { Value = Time(alert.SourceTimeMs) },
                new() { Value = Time(alert.IngestedAtMs) },
                new() { Value = Time(alert.DetectedAtMs) },
                new() { Value = alert.LatencyMs },
                new() { Value = StorableText.Of(alert.Action) },
                new() { Value = StorableText.Of(alert.Labels), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = StorableText.Of(alert.Runbook) },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task InsertAsync(NpgsqlConnection connection, FailurePrediction prediction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into gpu_failure_predictions (
                prediction_time, gpu_uuid, failure_probability_7d, failure_probability_30d, failure_probability_90d,
                predicted_failure_type, confidence, time_to_failure_days, model_version, top_features)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (gpu_uuid, prediction_time) do nothing
            """,
            connection
        )
        {
            Parameters =
            {
                new() { Value = Time(prediction.PredictionTimeMs) },
                new() { Value = prediction.Gpu.Value },
                new() { Value = (float)prediction.FailureProbability7d },
                new() { Value = (float)prediction.FailureProbability30d },
                new() { Value = (float)prediction.FailureProbability90d },
                new() { Value = (object?)Text(prediction.PredictedFailureType) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)(float?)prediction.Confidence ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Real },
                new() { Value = (object?)(float?)prediction.TimeToFailureDays ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Real },
                new() { Value = StorableText.Of(prediction.ModelVersion) },
                new() { Value = PredictionFeatures.Json(prediction), NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string? Text(string? text) => text is null ? null : StorableText.Of(text);

    private static object Nullable(double value) => double.IsNaN(value) ? DBNull.Value : value;

    private static DateTime Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;
}
