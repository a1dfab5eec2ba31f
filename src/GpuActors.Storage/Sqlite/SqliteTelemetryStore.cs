using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using Microsoft.Data.Sqlite;

namespace GpuActors.Storage.Sqlite;

/// <summary>
/// The embedded SQLite store: one file in write-ahead mode, one connection and one writer at a time. SQLite calls block, so each runs on a
/// thread of the thread pool, guarded by a semaphore.
/// </summary>
internal sealed class SqliteTelemetryStore(StorageSettings settings) : ITelemetryStore
{
    private static readonly string InsertSample =
        $"insert into gpu_metrics (time, gpu_uuid, hostname, {string.Join(", ", MetricCatalog.All.Select(m => m.Name))}) "
        + $"values ($time, $gpu, $host, {string.Join(", ", MetricCatalog.All.Select(m => "$" + m.Name))})";

    private readonly SemaphoreSlim _lock = new(1, 1);
    private SqliteConnection? _connection;

    public Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken) => Run(SqliteMigrator.Migrate, cancellationToken);

    public Task<int> GetSchemaVersionAsync(CancellationToken cancellationToken) => Run(SqliteMigrator.Version, cancellationToken);

    public Task<IReadOnlyDictionary<int, long>> GetOffsetsAsync(string topic, CancellationToken cancellationToken) =>
        Run<IReadOnlyDictionary<int, long>>(
            connection =>
            {
                using var command = Command(
                    connection,
                    null,
                    "select partition, next_offset from ingest_offsets where topic = $topic",
                    ("$topic", topic)
                );
                using var reader = command.ExecuteReader();
                var offsets = new Dictionary<int, long>();
                while (reader.Read())
                {
                    offsets[reader.GetInt32(0)] = reader.GetInt64(1);
                }

                return offsets;
            },
            cancellationToken
        );

    public Task<int> WriteSamplesAsync(string topic, IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var spans = OffsetSpans.Of(batches);
        return Run(
            connection =>
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                foreach (var (partition, first, next) in spans)
                {
                    Move(connection, transaction, topic, partition, first, next);
                }

                var refused = new Refused();
                var rows = Insert(connection, transaction, batches, refused, cancellationToken);
                refused.ThrowIfAny();
                transaction.Commit();
                return rows;
            },
            cancellationToken
        );
    }

    public Task WriteAlertsAsync(
        IReadOnlyList<AlertTransition> transitions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    ) => WriteFactsAsync(transitions, Insert, offsets, cancellationToken);

    public Task WritePredictionsAsync(
        IReadOnlyList<FailurePrediction> predictions,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    ) => WriteFactsAsync(predictions, Insert, offsets, cancellationToken);

    private Task<int> WriteFactsAsync<TFact>(
        IReadOnlyList<TFact> facts,
        Action<SqliteConnection, SqliteTransaction, TFact> insert,
        IReadOnlyList<IngestOffset> offsets,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(offsets);
        return Run(
            connection =>
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                var refused = new Refused();
                for (var i = 0; i < facts.Count; i++)
                {
                    refused.Try(i, () => insert(connection, transaction, facts[i]));
                }

                refused.ThrowIfAny();

                foreach (var offset in offsets)
                {
                    using var command = Command(
                        connection,
                        transaction,
                        """
                        insert into ingest_offsets (topic, partition, next_offset) values ($topic, $partition, $next)
                        on conflict (topic, partition) do update
                            set next_offset = max(next_offset, excluded.next_offset), updated_at = unixepoch() * 1000
                        """,
                        ("$topic", offset.Topic),
                        ("$partition", offset.Partition),
                        ("$next", offset.NextOffset)
                    );
                    command.ExecuteNonQuery();
                }

                transaction.Commit();
                return 0;
            },
            cancellationToken
        );
    }

    public Task<long> ReadSamplesAsync(GpuIdentity gpu, long fromMs, long toMs, Action<GpuSample> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(gpu);
        ArgumentNullException.ThrowIfNull(take);
        return Run(
            connection =>
            {
                using var command = Command(
                    connection,
                    null,
                    $"select {StoredSamples.Columns} from gpu_metrics where gpu_uuid = $gpu and time >= $from and time < $to "
                        + "order by time, rowid",
                    ("$gpu", gpu.Id.Value),
                    ("$from", fromMs),
                    ("$to", toMs)
                );
                using var reader = command.ExecuteReader();
                var (sample, rows) = (new GpuSample(), 0L);
                for (; reader.Read(); rows++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    StoredSamples.Fill(reader, reader.GetInt64(0), gpu, rows, sample);
                    take(sample);
                }

                return rows;
            },
            cancellationToken
        );
    }

    public Task<long> CountRowsAsync(string table, CancellationToken cancellationToken) =>
        Run(
            connection =>
            {
                using var command = Command(connection, null, $"select count(*) from {KnownTables.Check(table)}");
                return (long)command.ExecuteScalar()!;
            },
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await _lock.WaitAsync().ConfigureAwait(false);
        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
            _connection = null;
        }

        _lock.Dispose();
    }

    private async Task<T> Run<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => work(_connection ??= SqliteSource.Open(settings)), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
    }

    private static void Move(SqliteConnection connection, SqliteTransaction transaction, string topic, int partition, long first, long next)
    {
        using var command = Command(
            connection,
            transaction,
            """
            insert into ingest_offsets (topic, partition, next_offset) values ($topic, $partition, $next)
            on conflict (topic, partition) do update set next_offset = excluded.next_offset, updated_at = unixepoch() * 1000
            where next_offset <= $first
            """,
            ("$topic", topic),
            ("$partition", partition),
            ("$first", first),
            ("$next", next)
        );
        if (command.ExecuteNonQuery() == 0)
        {
            using var read = Command(
                connection,
                transaction,
                "select next_offset from ingest_offsets where topic = $topic and partition = $partition",
                ("$topic", topic),
                ("$partition", partition)
            );
            throw new OffsetConflictException(topic, partition, (long)read.ExecuteScalar()!, first);
        }
    }

    private static int Insert(
        SqliteConnection connection,
        SqliteTransaction transaction,
        IReadOnlyList<SampleBatch> batches,
        Refused refused,
        CancellationToken cancellationToken
    )
    {
        using var command = Command(connection, transaction, InsertSample);
        var time = command.Parameters.Add("$time", SqliteType.Integer);
        var gpu = command.Parameters.Add("$gpu", SqliteType.Text);
        var host = command.Parameters.Add("$host", SqliteType.Text);
        var metrics = MetricCatalog
            .All.Select(m => command.Parameters.Add("$" + m.Name, m.Column == ColumnType.Real ? SqliteType.Real : SqliteType.Integer))
            .ToArray();
        command.Prepare();
        var rows = 0;
        foreach (var batch in batches)
        {
            foreach (var sample in batch.Samples)
            {
                cancellationToken.ThrowIfCancellationRequested();
                time.Value = sample.TimeMs;
                gpu.Value = sample.Gpu.Id.Value;
                host.Value = sample.Info.Host.Length > 0 ? StorableText.Of(sample.Info.Host) : DBNull.Value;
                for (var i = 0; i < metrics.Length; i++)
                {
                    metrics[i].Value = sample.Values[i] switch
                    {
                        double.NaN => DBNull.Value,
                        var value when MetricCatalog.All[i].Column == ColumnType.Real => value,
                        var value => (long)Math.Round(value),
                    };
                }

                try
                {
                    command.ExecuteNonQuery();
                }
                catch (SqliteException e) when (StoreErrors.IsRefusal(e))
                {
                    refused.Add(rows, e);
                }

                rows++;
            }
        }

        return rows;
    }

    private static void Insert(SqliteConnection connection, SqliteTransaction transaction, AlertTransition alert)
    {
        using var command = Command(
            connection,
            transaction,
            """
            insert into gpu_alerts (
                alert_id, seq, state, severity, rule, gpu_uuid, summary, value, threshold,
                opened_at, source_time, ingested_at, detected_at, latency_ms, action, labels, runbook)
            values ($id, $seq, $state, $severity, $rule, $gpu, $summary, $value, $threshold,
                $opened, $source, $ingested, $detected, $latency, $action, $labels, $runbook) on conflict do nothing
            """,
            ("$id", alert.AlertId.Value),
            ("$seq", alert.Seq),
            ("$state", alert.State.Name()),
            ("$severity", alert.Severity.Name()),
            ("$rule", StorableText.Of(alert.Rule)),
            ("$gpu", alert.Gpu.Value),
            ("$summary", StorableText.Of(alert.Summary)),
            ("$value", Nullable(alert.Value)),
            ("$threshold", Nullable(alert.Threshold)),
            ("$opened", alert.OpenedAtMs),
            ("$source", alert.SourceTimeMs),
            ("$ingested", alert.IngestedAtMs),
            ("$detected", alert.DetectedAtMs),
            ("$latency", alert.LatencyMs),
            ("$action", StorableText.Of(alert.Action)),
            ("$labels", StorableText.Of(alert.Labels)),
            ("$runbook", StorableText.Of(alert.Runbook))
        );
        command.ExecuteNonQuery();
    }

    private static void Insert(SqliteConnection connection, SqliteTransaction transaction, FailurePrediction prediction)
    {
        using var command = Command(
            connection,
            transaction,
            """
            insert into gpu_failure_predictions (
                prediction_time, gpu_uuid, failure_probability_7d, failure_probability_30d, failure_probability_90d,
                predicted_failure_type, confidence, time_to_failure_days, model_version, top_features)
            values ($time, $gpu, $p7, $p30, $p90, $type, $confidence, $days, $model, $features) on conflict do nothing
            """,
            ("$time", prediction.PredictionTimeMs),
            ("$gpu", prediction.Gpu.Value),
            ("$p7", prediction.FailureProbability7d),
            ("$p30", prediction.FailureProbability30d),
            ("$p90", prediction.FailureProbability90d),
            ("$type", prediction.PredictedFailureType is { } type ? StorableText.Of(type) : DBNull.Value),
            ("$confidence", (object?)prediction.Confidence ?? DBNull.Value),
            ("$days", (object?)prediction.TimeToFailureDays ?? DBNull.Value),
            ("$model", StorableText.Of(prediction.ModelVersion)),
            ("$features", PredictionFeatures.Json(prediction))
        );
        command.ExecuteNonQuery();
    }

    private static object Nullable(double value) => double.IsNaN(value) ? DBNull.Value : value;

    private static SqliteCommand Command(
        SqliteConnection connection,
        SqliteTransaction? transaction,
        string sql,
        params ReadOnlySpan<(string Name, object Value)> parameters
    )
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    // A refused statement changes nothing and leaves its transaction open, so all refused rows are found in one pass.
    private sealed class Refused
    {
        private readonly List<RefusedRow> _rows = [];
        private Exception? _first;

        public void Add(int index, Exception error)
        {
            _first ??= error;
            _rows.Add(new RefusedRow(index, StoreErrors.ReasonOf(error)));
        }

        public void Try(int index, Action insert)
        {
            try
            {
                insert();
            }
            catch (SqliteException e) when (StoreErrors.IsRefusal(e))
            {
                Add(index, e);
            }
        }

        public void ThrowIfAny()
        {
            if (_first is not null)
            {
                throw new RowsRefusedException(_rows, _first);
            }
        }
    }
}
