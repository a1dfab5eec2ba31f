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

    private protected override async Task<TestDatabase> Create() =>
        new PostgresDatabase(await (await fixture.Server()).CreateDatabaseAsync());
}
