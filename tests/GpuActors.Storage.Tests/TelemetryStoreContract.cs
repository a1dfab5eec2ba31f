using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Alerts;
using GpuActors.Core.Features;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Testing;

namespace GpuActors.Storage.Tests;

/// <summary>The guarantees of every telemetry store. Each test runs on SQLite and on a real PostgreSQL.</summary>
public abstract class TelemetryStoreContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    [SkippableFact]
    public async Task An_empty_database_has_version_0_and_a_migrated_one_has_the_newest()
    {
        await using var database = await Create();
        var store = database.Open();

        Assert.Equal(0, await store.GetSchemaVersionAsync(None));
        var first = await store.MigrateAsync(None);
        var again = await store.MigrateAsync(None);

        Assert.NotEmpty(first.Applied);
        Assert.Equal(TelemetryStores.NewestSchemaVersion(database.Settings.Provider), first.SchemaVersion);
        Assert.Empty(again.Applied);
        Assert.Equal(first.SchemaVersion, again.SchemaVersion);
        Assert.Equal(first.SchemaVersion, await store.GetSchemaVersionAsync(None));
    }

    [SkippableFact]
    public async Task Nodes_that_migrate_at_once_apply_each_migration_once()
    {
        await using var database = await Create();

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => database.Open().MigrateAsync(None)));

        Assert.Single(results, r => r.Applied.Count > 0);
        Assert.All(results, r => Assert.Equal(results[0].SchemaVersion, r.SchemaVersion));
    }

    [SkippableFact]
    public async Task A_newer_schema_and_a_changed_file_are_rejected_with_a_remedy()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();

        await database.Execute("update schema_migrations set checksum = 'other' where number = 1");
        var changed = await Assert.ThrowsAsync<InvalidOperationException>(() => store.MigrateAsync(None));
        Assert.Contains("0001_schema.sql", changed.Message, StringComparison.Ordinal);
        Assert.Contains("restore the file", changed.Message, StringComparison.Ordinal);

        await database.Execute("delete from schema_migrations where number > 1");
        await database.Execute("update schema_migrations set number = 999");
        var newer = await Assert.ThrowsAsync<InvalidOperationException>(() => store.MigrateAsync(None));
        Assert.Contains("999", newer.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Every_metric_of_the_catalogue_keeps_its_value()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        // The largest plausible values show whether a column is wide enough.
        var wanted = MetricCatalog.All.ToDictionary(m => m.Name, m => m.IsInteger ? m.Max : (double)(float)(m.Max * 0.7));

        await store.WriteSamplesAsync(
            Samples.Topic,
            [
                Samples.One(s =>
                {
                    foreach (var metric in MetricCatalog.All)
                    {
                        s[metric.Metric] = wanted[metric.Name];
                    }
                }),
            ],
            None
        );

        var row = await database.Row("select * from gpu_metrics");
        Assert.All(
            wanted,
            m =>
                Assert.True(
                    Convert.ToDouble(row[m.Key], CultureInfo.InvariantCulture).Equals(m.Value),
                    $"{m.Key}: {row[m.Key]} instead of {m.Value}"
                )
        );
        Assert.Equal("GPU-one", row["gpu_uuid"]);
        Assert.Equal(Samples.NoonMs + 123, Millis(row["time"]!));
    }

    [SkippableFact]
    public async Task A_replay_of_stored_samples_gives_the_features_of_the_live_GPU_bit_for_bit()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        var life = new FaultyLife();
        var live = new FeatureCuts(life.Lines, restores: true);
        foreach (var batch in life.Batches())
        {
            foreach (var sample in batch.Samples)
            {
                live.Take(sample);
            }

            await store.WriteSamplesAsync(Samples.Topic, [batch], None);
        }

        var replayed = new FeatureCuts(life.Lines, restores: false);
        var rows = await store.ReadSamplesAsync(life.Gpu, 0, Samples.NoonMs + (9 * Durations.DayMs), replayed.Take, None);

        Assert.Equal(live.State.Samples, rows);
        Assert.True(live.Vectors.Count > 50);
        Assert.Equal(live.Vectors.Count, replayed.Vectors.Count);
        for (var cut = 0; cut < live.Vectors.Count; cut++)
        {
            for (var feature = 0; feature < FeatureExtractor.Count; feature++)
            {
                var (kept, again) = (live.Vectors[cut][feature], replayed.Vectors[cut][feature]);
                Assert.True(
                    BitConverter.SingleToInt32Bits(kept) == BitConverter.SingleToInt32Bits(again),
                    $"cut {cut}, {FeatureCatalog.Names[feature]}: {kept:R} live, {again:R} replayed"
                );
            }
        }

        // The faults are in the features, or the comparison would say little.
        Assert.All(
            FaultyLife.Affected,
            name => Assert.True(live.Vectors.Max(vector => vector[FeatureCatalog.IndexOf(name)]) > 0, $"{name} is never above 0")
        );
    }

    [SkippableFact]
    public async Task Samples_are_read_in_the_order_of_time_from_the_first_to_before_the_last()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(1, 5, 5)], None);
        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 5), Samples.Batch(2, 0, 3)], None);
        var gpu = Samples.Batch(1, 0, 1).Samples[0].Gpu;
        var read = new List<(long Second, long Offset, double Temp, double Power, string Host)>();

        var rows = await store.ReadSamplesAsync(
            gpu,
            Samples.NoonMs + 6000,
            Samples.NoonMs + 9000,
            s => read.Add(((s.TimeMs - Samples.NoonMs) / 1000, s.Offset, s[Metric.GpuTemp], s[Metric.PowerUsage], s.Info.Host)),
            None
        );

        Assert.Equal(3, rows);
        Assert.Equal([(6, 0, 61, double.NaN, "node1"), (7, 1, 61, double.NaN, "node1"), (8, 2, 61, double.NaN, "node1")], read);
    }

    [SkippableFact]
    public async Task Missing_is_null_and_zero_is_zero()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();

        await store.WriteSamplesAsync(Samples.Topic, [Samples.One(s => s[Metric.XidErrors] = 0)], None);

        var row = await database.Row("select * from gpu_metrics");
        Assert.Equal(0, Convert.ToInt32(row["xid_errors"], CultureInfo.InvariantCulture));
        Assert.Null(row["hostname"]);
        Assert.All(MetricCatalog.All.Where(m => m.Metric != Metric.XidErrors), m => Assert.Null(row[m.Name]));
    }

    // U+0000 and half a surrogate pair: records of anybody may have them, and a refused row would stop its partition for good.
    [SkippableFact]
    public async Task Text_that_a_database_cannot_hold_is_replaced_and_stops_nothing()
    {
        const string Hostile = "a\0b\ud800c🔥",
            Stored = "a\ufffdb\ufffdc🔥";
        await using var database = await Create();
        var store = await database.OpenMigrated();

        await store.WriteSamplesAsync(
            Samples.Topic,
            [Samples.One(s => (s[Metric.GpuTemp], s.Info) = (60, GpuInfo.Unknown with { Host = Hostile }))],
            None
        );
        await store.WriteAlertsAsync(
            [
                Samples.Alert(1, AlertState.Firing) with
                {
                    Rule = Hostile,
                    Summary = Hostile,
                    Action = Hostile,
                    Runbook = Hostile,
                    Labels = AlertLabels.None.With("host", Hostile).With(Hostile, "x"),
                },
            ],
            [new IngestOffset("gpu-alerts", 0, 1)],
            None
        );
        using var features = JsonDocument.Parse("""[{"a\u0000":"b\u0000", "n": [1, null, true, "\\u0000", "\ud800"]}]""");
        await store.WritePredictionsAsync(
            [Samples.Prediction(0) with { ModelVersion = Hostile, PredictedFailureType = Hostile, TopFeatures = features.RootElement }],
            [new IngestOffset("gpu-predictions", 0, 1)],
            None
        );

        Assert.Equal(Stored, (await database.Row("select hostname from gpu_metrics"))["hostname"]);
        var alert = await database.Row("select rule, summary, action, runbook, labels from gpu_alerts");
        Assert.All(["rule", "summary", "action", "runbook"], column => Assert.Equal(Stored, alert[column]));
        var labels = JsonSerializer.Deserialize<Dictionary<string, string>>((string)alert["labels"]!)!;
        Assert.Equal((Stored, "x"), (labels["host"], labels[Stored]));
        var prediction = await database.Row("select model_version, predicted_failure_type, top_features from gpu_failure_predictions");
        Assert.Equal((Stored, Stored), (prediction["model_version"], prediction["predicted_failure_type"]));
        using var stored = JsonDocument.Parse((string)prediction["top_features"]!);
        Assert.Equal("b\ufffd", stored.RootElement[0].GetProperty("a\ufffd").GetString());
    }

    [SkippableFact]
    public async Task Rows_and_offsets_of_several_partitions_are_written_together()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();

        var rows = await store.WriteSamplesAsync(
            Samples.Topic,
            [Samples.Batch(3, 0, 5), Samples.Batch(1, 10, 2), Samples.Batch(3, 5, 4), Samples.Rejected(2, 7)],
            None
        );

        Assert.Equal(11, rows);
        Assert.Equal(11, await store.CountRowsAsync("gpu_metrics", None));
        Assert.Equal([new(1, 12), new(2, 8), new(3, 9)], (await store.GetOffsetsAsync(Samples.Topic, None)).OrderBy(o => o.Key));
        Assert.Empty(await store.GetOffsetsAsync("other", None));
    }

    [SkippableFact]
    public async Task Offsets_may_have_gaps_but_may_not_go_back()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 10)], None);

        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 15, 5)], None);
        var conflict = await Assert.ThrowsAsync<OffsetConflictException>(() =>
            store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(1, 0, 3), Samples.Batch(0, 19, 3)], None)
        );

        Assert.Contains("20", conflict.Message, StringComparison.Ordinal);
        Assert.Contains("19", conflict.Message, StringComparison.Ordinal);
        Assert.False(StoreErrors.IsTransient(conflict));
        // The whole write is rolled back, including the rows of the other partition.
        Assert.Equal(15, await store.CountRowsAsync("gpu_metrics", None));
        Assert.Equal([new(0, 20)], await store.GetOffsetsAsync(Samples.Topic, None));
    }

    [SkippableFact]
    public async Task Two_writers_of_one_partition_store_each_offset_once()
    {
        await using var database = await Create();
        var stores = new[] { await database.OpenMigrated(), database.Open() };

        var outcomes = await Task.WhenAll(
            stores.Select(async store =>
            {
                try
                {
                    return await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 50)], None);
                }
                catch (OffsetConflictException)
                {
                    return -1;
                }
            })
        );

        Assert.Equal([-1, 50], outcomes.Order());
        Assert.Equal(50, await stores[0].CountRowsAsync("gpu_metrics", None));
    }

    [SkippableFact]
    public async Task A_write_that_fails_leaves_neither_rows_nor_offsets()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        await database.Execute("alter table gpu_metrics rename column gpu_temp to was_gpu_temp");

        var error = await Assert.ThrowsAnyAsync<Exception>(() => store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 3)], None));
        await database.Execute("alter table gpu_metrics rename column was_gpu_temp to gpu_temp");

        Assert.False(StoreErrors.IsTransient(error), error.ToString());
        Assert.Contains("gpu_temp", error.Message, StringComparison.Ordinal);
        Assert.Empty(await store.GetOffsetsAsync(Samples.Topic, None));
        Assert.Equal(3, await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 3)], None));
        Assert.Equal(3, await store.CountRowsAsync("gpu_metrics", None));
    }

    [SkippableFact]
    public async Task Rows_that_the_database_refuses_are_named_and_the_others_can_be_written_without_them()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        await database.Refuse("gpu_metrics", "gpu_temp", "< 90", "too_hot");
        SampleBatch[] batches = [Samples.Batch(0, 0, 50), Samples.Batch(1, 0, 50)];
        foreach (var (batch, index) in new[] { (0, 0), (0, 17), (0, 18), (1, 49) })
        {
            batches[batch].Samples[index][Metric.GpuTemp] = 95;
        }

        var refused = await Assert.ThrowsAsync<RowsRefusedException>(() => store.WriteSamplesAsync(Samples.Topic, batches, None));

        Assert.Equal([0, 17, 18, 99], refused.Rows.Select(row => row.Index));
        Assert.All(refused.Rows, row => Assert.Contains("too_hot", row.Reason, StringComparison.Ordinal));
        Assert.Equal(0, await store.CountRowsAsync("gpu_metrics", None));
        Assert.Empty(await store.GetOffsetsAsync(Samples.Topic, None));

        foreach (var (batch, index) in new[] { (1, 49), (0, 18), (0, 17), (0, 0) })
        {
            batches[batch].Reject(index, new RejectedRecord(batch, index, null, null, RejectReason.RefusedByDatabase, ""));
        }

        Assert.Equal(96, await store.WriteSamplesAsync(Samples.Topic, batches, None));
        Assert.Equal(96, await store.CountRowsAsync("gpu_metrics", None));
        Assert.Equal([new(0, 50), new(1, 50)], (await store.GetOffsetsAsync(Samples.Topic, None)).OrderBy(offset => offset.Key));
    }

    [SkippableFact]
    public async Task Alerts_and_predictions_that_the_database_refuses_are_named()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        await database.Refuse("gpu_alerts", "seq", "<> 2", "no_second");
        await database.Refuse("gpu_failure_predictions", "model_version", "<> 'bad'", "no_bad");

        var alerts = await Assert.ThrowsAsync<RowsRefusedException>(() =>
            store.WriteAlertsAsync(
                [Samples.Alert(1, AlertState.Firing), Samples.Alert(2, AlertState.Resolved), Samples.Alert(3, AlertState.Firing)],
                [new IngestOffset("gpu-alerts", 0, 3)],
                None
            )
        );
        var predictions = await Assert.ThrowsAsync<RowsRefusedException>(() =>
            store.WritePredictionsAsync(
                [Samples.Prediction(0), Samples.Prediction(1) with { ModelVersion = "bad" }],
                [new IngestOffset("gpu-predictions", 0, 2)],
                None
            )
        );

        Assert.Equal(1, Assert.Single(alerts.Rows).Index);
        Assert.Contains("no_second", alerts.Rows[0].Reason, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(predictions.Rows).Index);
        Assert.Equal(0, await store.CountRowsAsync("gpu_alerts", None));
        Assert.Empty(await store.GetOffsetsAsync("gpu-alerts", None));
    }

    [SkippableFact]
    public async Task A_cancelled_write_is_rolled_back_and_the_store_remains_usable()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 3)], new CancellationToken(true))
        );

        Assert.Equal(0, await store.CountRowsAsync("gpu_metrics", None));
        Assert.Equal(3, await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 3)], None));
    }

    [SkippableFact]
    public async Task Each_record_is_stored_once_for_any_split_of_the_log_into_repeated_writes()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        var topic = 0;

        // A script is a list of offsets at which the log is cut. Each part is written once or, as by a reader that did not receive the
        // confirmation, twice.
        var property = Prop.ForAll(
            ArbMap.Default.ArbFor<(byte Length, bool Again)[]>(),
            script =>
            {
                var name = $"topic-{topic++}";
                return Run(store, database, name, script).GetAwaiter().GetResult();
            }
        );

        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(20), property));
    }

    [SkippableFact]
    public async Task An_alert_transition_is_stored_once_with_all_members()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        var offset = new IngestOffset("gpu-alerts", 4, 7);

        await store.WriteAlertsAsync([Samples.Alert(1, AlertState.Firing)], [offset], None);
        await store.WriteAlertsAsync(
            [Samples.Alert(1, AlertState.Firing), Samples.Alert(2, AlertState.Resolved)],
            [offset with { NextOffset = 8 }],
            None
        );
        await store.WriteAlertsAsync([], [offset], None);

        Assert.Equal(2, await store.CountRowsAsync("gpu_alerts", None));
        Assert.Equal([new(4, 8)], await store.GetOffsetsAsync("gpu-alerts", None));
        var row = await database.Row("select * from gpu_alerts where seq = 1");
        Assert.Equal(
            "a1|firing|critical|power_brake|GPU-1|check-power|#power-brake",
            string.Join('|', new[] { "alert_id", "state", "severity", "rule", "gpu_uuid", "action", "runbook" }.Select(c => row[c]))
        );
        Assert.Equal("Power brake slowdown (0x80) on \"node1\"", row["summary"]);
        Assert.Equal(3.0, row["value"]);
        Assert.Null(row["threshold"]);
        Assert.Equal(7L, row["latency_ms"]);
        Assert.Equal(Samples.NoonMs, Millis(row["opened_at"]!));
        Assert.Equal(Samples.NoonMs + 1012, Millis(row["detected_at"]!));
        var labels = JsonSerializer.Deserialize<Dictionary<string, string>>((string)row["labels"]!)!;
        Assert.Equal("node1", labels["host"]);
        Assert.Equal("r1", labels["rack"]);
    }

    [SkippableFact]
    public async Task A_prediction_is_stored_once_with_all_members()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        var offset = new IngestOffset("gpu-predictions", 4, 7);
        var whole = Samples.Prediction(0) with
        {
            PredictedFailureType = "memory",
            Confidence = 0.75,
            TimeToFailureDays = 12.5,
            TopFeatures = JsonSerializer.SerializeToElement(new[] { "sbe_rate" }),
        };

        await store.WritePredictionsAsync([whole], [offset], None);
        await store.WritePredictionsAsync([whole, Samples.Prediction(1)], [offset with { NextOffset = 8 }], None);
        await store.WritePredictionsAsync([], [offset], None);

        Assert.Equal(2, await store.CountRowsAsync("gpu_failure_predictions", None));
        Assert.Equal([new(4, 8)], await store.GetOffsetsAsync("gpu-predictions", None));
        var row = await database.Row("select * from gpu_failure_predictions order by prediction_time limit 1");
        Assert.Equal(Samples.NoonMs, Millis(row["prediction_time"]!));
        Assert.Equal(
            "GPU-1|memory|v3",
            string.Join('|', new[] { "gpu_uuid", "predicted_failure_type", "model_version" }.Select(c => row[c]))
        );
        Assert.Equal(
            [0.125, 0.25, 0.5, 0.75, 12.5],
            new[]
            {
                "failure_probability_7d",
                "failure_probability_30d",
                "failure_probability_90d",
                "confidence",
                "time_to_failure_days",
            }.Select(c => Convert.ToDouble(row[c], System.Globalization.CultureInfo.InvariantCulture))
        );
        Assert.Equal("[\"sbe_rate\"]", row["top_features"]);
        var bare = await database.Row("select * from gpu_failure_predictions order by prediction_time desc limit 1");
        Assert.All(new[] { "predicted_failure_type", "confidence", "time_to_failure_days" }, column => Assert.Null(bare[column]));
        Assert.Equal("[]", bare["top_features"]);
    }

    [SkippableFact]
    public async Task Hourly_statistics_match_the_rows()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();

        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 7200)], None);

        Assert.Equal(2, await database.Number("select count(*) from gpu_hourly_stats"));
        Assert.Equal(3600, await database.Number("select min(samples) from gpu_hourly_stats"));
        Assert.Equal(61, await database.Number("select max(max_temp) from gpu_hourly_stats"));
    }

    [SkippableFact]
    public async Task Only_tables_of_the_schema_may_be_counted()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();

        await Assert.ThrowsAsync<ArgumentException>(() => store.CountRowsAsync("gpu_metrics; drop table gpu_metrics", None));
        Assert.Equal(0, await store.CountRowsAsync("gpu_metrics", None));
    }

    [SkippableFact]
    public async Task Updating_an_asset_sets_its_update_time()
    {
        await using var database = await Create();
        await database.OpenMigrated();
        await database.Execute(
            "insert into gpu_assets (gpu_uuid, rack_id, created_at, updated_at) "
                + $"values ('GPU-1', 'r1', {database.LongAgo}, {database.LongAgo})"
        );

        await database.Execute("update gpu_assets set rack_id = 'r2' where gpu_uuid = 'GPU-1'");

        Assert.Equal(1, await database.Number("select count(*) from gpu_assets where updated_at > created_at"));
    }

    private protected abstract Task<TestDatabase> Create();

    private static async Task<bool> Run(ITelemetryStore store, TestDatabase database, string topic, (byte Length, bool Again)[] script)
    {
        long next = 0;
        var before = await store.CountRowsAsync("gpu_metrics", None);
        foreach (var (length, again) in script.Where(s => s.Length > 0))
        {
            await store.WriteSamplesAsync(topic, [Samples.Batch(0, next, length)], None);
            if (again)
            {
                await Assert.ThrowsAsync<OffsetConflictException>(() =>
                    store.WriteSamplesAsync(topic, [Samples.Batch(0, next, length)], None)
                );
            }

            next += length;
        }

        var stored = (await store.GetOffsetsAsync(topic, None)).GetValueOrDefault(0);
        return stored == next && await store.CountRowsAsync("gpu_metrics", None) - before == next;
    }

    private static long Millis(object time) => time is DateTime t ? new DateTimeOffset(t).ToUnixTimeMilliseconds() : (long)time;
}
