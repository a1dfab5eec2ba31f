using System.Diagnostics.Metrics;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace GpuActors.Storage.Postgres;

/// <summary>PostgreSQL and TimescaleDB: COPY in binary and the offsets that it covers, in one transaction.</summary>
internal sealed class PostgresTelemetryStore : ITelemetryStore
{
    private static readonly Meter Meter = new("GpuActors.Storage");
    private static readonly Counter<long> Unfit = Meter.CreateCounter<long>("gpuactors_storage_unfit_values", "{value}", "Values that no column could hold and that were stored as null");

    private readonly NpgsqlDataSource _source;
    private readonly PostgresMigrator _migrator;

    public PostgresTelemetryStore(StorageSettings settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.ConnectionStringBuilder.CommandTimeout = (int)Math.Ceiling(settings.CommandTimeout.TotalSeconds);
        builder.ConnectionStringBuilder.ApplicationName ??= "gpuactors";
        builder.ConnectionStringBuilder.WriteBufferSize = 64 * 1024; // A row is about 500 bytes: fewer, larger writes to the socket.
        _source = builder.Build();
        _migrator = new PostgresMigrator(_source);
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

    public async Task WriteAlertsAsync(IReadOnlyList<AlertTransition> transitions, IReadOnlyList<IngestOffset> offsets, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transitions);
        ArgumentNullException.ThrowIfNull(offsets);
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        foreach (var transition in transitions)
        {
            await InsertAsync(connection, transition, cancellationToken).ConfigureAwait(false);
        }

        // Alerts are idempotent by their key, so their offset may be written again.
        foreach (var offset in offsets)
        {
            await using var command = new NpgsqlCommand("""
                insert into ingest_offsets as o (topic, partition, next_offset) values ($1, $2, $3)
                on conflict (topic, partition) do update set next_offset = greatest(o.next_offset, excluded.next_offset), updated_at = now()
                """, connection) { Parameters = { new() { Value = offset.Topic }, new() { Value = offset.Partition }, new() { Value = offset.NextOffset } } };
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> CountRowsAsync(string table, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand($"select count(*) from {KnownTables.Check(table)}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static async Task<int> CopyAsync(NpgsqlConnection connection, IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken)
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

    private static async Task InsertAsync(NpgsqlConnection connection, AlertTransition alert, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            insert into gpu_alerts (alert_id, seq, state, severity, rule, gpu_uuid, summary, value, threshold, opened_at, source_time, ingested_at, detected_at, latency_ms, action, labels, runbook)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) on conflict (alert_id, seq) do nothing
            """, connection)
        {
            Parameters =
            {
                new() { Value = alert.AlertId }, new() { Value = alert.Seq }, new() { Value = alert.State == AlertState.Firing ? "firing" : "resolved" },
                new() { Value = AlertCodec.Name(alert.Severity) }, new() { Value = alert.Rule }, new() { Value = alert.Gpu.Value }, new() { Value = alert.Summary },
                new() { Value = Nullable(alert.Value) }, new() { Value = Nullable(alert.Threshold) },
                new() { Value = Time(alert.OpenedAtMs) }, new() { Value = Time(alert.SourceTimeMs) }, new() { Value = Time(alert.IngestedAtMs) }, new() { Value = Time(alert.DetectedAtMs) },
                new() { Value = alert.LatencyMs }, new() { Value = alert.Action }, new() { Value = AlertLabels.Json(alert), NpgsqlDbType = NpgsqlDbType.Jsonb }, new() { Value = alert.Runbook },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static object Nullable(double value) => double.IsNaN(value) ? DBNull.Value : value;

    private static DateTime Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;
}
