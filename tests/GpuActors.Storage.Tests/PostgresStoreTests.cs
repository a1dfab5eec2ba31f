using GpuActors.Core.Storage;
using Npgsql;

namespace GpuActors.Storage.Tests;

/// <summary>The store contract on a real PostgreSQL, with tests of features that only PostgreSQL has.</summary>
public sealed class PostgresStoreTests(PostgresFixture fixture) : TelemetryStoreContract, IClassFixture<PostgresFixture>
{
    [SkippableFact]
    public async Task Migration_creates_a_hypertable_with_TimescaleDB_and_plain_tables_and_a_note_without()
    {
        await using var database = await Create();
        var available = await database.Number("select count(*) from pg_available_extensions where name = 'timescaledb'") > 0;

        var result = await database.Open().MigrateAsync(CancellationToken.None);

        Assert.Equal(available, result.Applied.Any(name => name.StartsWith("timescale/", StringComparison.Ordinal)));
        if (available)
        {
            Assert.Equal(
                1,
                await database.Number("select count(*) from timescaledb_information.hypertables where hypertable_name = 'gpu_metrics'")
            );
            Assert.Equal(3, await database.Number("select count(*) from timescaledb_information.continuous_aggregates"));
        }
        else
        {
            Assert.Contains("TimescaleDB is not available", Assert.Single(result.Notes), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Tags_are_indexed_and_statistics_are_views()
    {
        await using var database = await Create();
        await database.OpenMigrated();

        Assert.Equal(
            1,
            await database.Number("select count(*) from pg_indexes where indexname = 'gpu_assets_tags' and indexdef like '%gin%'")
        );
        Assert.Equal(
            3,
            await database.Number(
                "select count(*) from pg_views where viewname in ('gpu_metrics_1min', 'gpu_metrics_5min', 'gpu_hourly_stats')"
            )
        );
    }

    [SkippableFact]
    public async Task An_open_transaction_of_a_former_owner_blocks_the_new_owner_and_only_one_of_them_commits()
    {
        await using var database = await Create();
        var store = await database.OpenMigrated();
        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 10)], CancellationToken.None);

        await using var stale = new NpgsqlConnection(database.Settings.ConnectionString);
        await stale.OpenAsync();
        await using var transaction = await stale.BeginTransactionAsync();
        await using (var move = new NpgsqlCommand("update ingest_offsets set next_offset = 20 where partition = 0", stale))
        {
            await move.ExecuteNonQueryAsync();
        }

        var write = store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 10, 5)], CancellationToken.None);
        await transaction.CommitAsync();

        await Assert.ThrowsAsync<OffsetConflictException>(() => write);
        Assert.Equal(10, await store.CountRowsAsync("gpu_metrics", CancellationToken.None));
    }

    // The tables of the system that GpuActors replaces have the same names and other columns.
    [SkippableFact]
    public async Task Tables_of_another_system_are_named_and_left_alone_and_a_schema_of_its_own_works_beside_them()
    {
        await using var database = await Create();
        await database.Execute("create table gpu_metrics (time timestamptz, gpu_uuid text, temperature real)");
        await database.Execute("create table gpu_assets (gpu_uuid text primary key)");
        await database.Execute("create table schema_migrations (version text)");

        Assert.Equal(0, await database.Open().GetSchemaVersionAsync(CancellationToken.None));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => database.Open().MigrateAsync(CancellationToken.None));

        Assert.Contains("The schema public of the database has tables of another system", error.Message, StringComparison.Ordinal);
        Assert.Contains("gpu_assets, gpu_metrics, schema_migrations", error.Message, StringComparison.Ordinal);
        Assert.Contains("gpuactors migrate --schema gpuactors", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.Number("select count(*) from pg_tables where tablename = 'gpu_alerts'"));

        var settings = database.Settings with { Schema = "gpuactors" };
        await using var store = TelemetryStores.Create(settings);
        Assert.Equal(0, await store.GetSchemaVersionAsync(CancellationToken.None));
        await Assert.ThrowsAsync<PostgresException>(() =>
            store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 1)], CancellationToken.None)
        );
        _ = await store.MigrateAsync(CancellationToken.None);
        var again = await store.MigrateAsync(CancellationToken.None);
        Assert.Empty(again.Applied);
        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 5)], CancellationToken.None);
        await store.WriteAlertsAsync(
            [Samples.Alert(1, Core.Alerts.AlertState.Firing)],
            [new IngestOffset("gpu-alerts", 0, 1)],
            CancellationToken.None
        );

        Assert.Equal(5, await store.CountRowsAsync("gpu_metrics", CancellationToken.None));
        Assert.Equal(5, await database.Number("select count(*) from gpuactors.gpu_metrics"));
        Assert.Equal(1, await database.Number("select count(*) from gpuactors.gpu_alerts"));
        Assert.Equal(0, await database.Number("select count(*) from public.gpu_metrics"));
        Assert.Equal([new(0, 5)], await store.GetOffsetsAsync(Samples.Topic, CancellationToken.None));
        Assert.Equal(1, await database.Number("select count(*) from gpuactors.gpu_hourly_stats"));
    }

    [SkippableFact]
    public async Task Checkpoints_are_in_the_schema_too()
    {
        await using var database = await Create();
        await using (var first = CheckpointStores.Create(StorageProvider.Postgres, database.Settings.ConnectionString))
        {
            Assert.Null(await first.ReadAsync(0, _ => { }, CancellationToken.None));
        }

        var settings = database.Settings with { Schema = "beside" };
        await using var store = CheckpointStores.Create(StorageProvider.Postgres, settings.ConnectionStringOfSchema());
        Assert.Null(await store.ReadAsync(0, _ => { }, CancellationToken.None));

        Assert.Equal(2, await database.Number("select count(*) from pg_tables where tablename = 'gpu_checkpoint'"));
    }

    private protected override async Task<TestDatabase> Create() =>
        new PostgresDatabase(await (await fixture.Server()).CreateDatabaseAsync());
}
