using GpuActors.Testing;

namespace GpuActors.Storage.Tests;

/// <summary>Errors of a store whose server stops or is misconfigured.</summary>
public sealed class PostgresOutageTests
{
    [SkippableFact]
    public async Task A_stopped_server_is_a_transient_error_and_the_store_works_again_after_the_restart()
    {
        await using var server = await PostgresServer.StartAsync();
        Skip.If(
            Environment.GetEnvironmentVariable("GPUACTORS_TEST_POSTGRES") is { Length: > 0 },
            "the server of GPUACTORS_TEST_POSTGRES is not ours to stop"
        );
        await using var store = TelemetryStores.Create(
            new StorageSettings { Provider = StorageProvider.Postgres, ConnectionString = server.ConnectionString }
        );
        await store.MigrateAsync(CancellationToken.None);
        await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 5)], CancellationToken.None);

        await server.StopAsync();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var error = await Assert.ThrowsAnyAsync<Exception>(() =>
                store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 5, 5)], CancellationToken.None)
            );
            Assert.True(StoreErrors.IsTransient(error), error.ToString());
        }

        await server.StartAgainAsync();
        // The pool may still hold connections from before the stop. Each of them fails once.
        while (true)
        {
            try
            {
                await store.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 5, 5)], CancellationToken.None);
                break;
            }
            catch (Exception e) when (StoreErrors.IsTransient(e))
            {
                await Task.Yield();
            }
        }

        Assert.Equal(10, await store.CountRowsAsync("gpu_metrics", CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_missing_database_or_table_is_a_permanent_error()
    {
        await using var server = await PostgresServer.StartAsync();
        var there = await server.CreateDatabaseAsync();
        await using var unmigrated = TelemetryStores.Create(
            new StorageSettings { Provider = StorageProvider.Postgres, ConnectionString = there }
        );
        var table = await Assert.ThrowsAnyAsync<Exception>(() =>
            unmigrated.WriteSamplesAsync(Samples.Topic, [Samples.Batch(0, 0, 1)], CancellationToken.None)
        );
        Assert.False(StoreErrors.IsTransient(table));
        Assert.Contains("ingest_offsets", table.Message, StringComparison.Ordinal);

        await using var nowhere = TelemetryStores.Create(
            new StorageSettings
            {
                Provider = StorageProvider.Postgres,
                ConnectionString = there.Replace("Database=", "Database=no_", StringComparison.Ordinal),
            }
        );
        var database = await Assert.ThrowsAnyAsync<Exception>(() => nowhere.MigrateAsync(CancellationToken.None));
        Assert.False(StoreErrors.IsTransient(database));
        Assert.Contains("no_", database.Message, StringComparison.Ordinal);
    }
}
