using GpuActors.Core.Storage;
using Npgsql;

namespace GpuActors.Storage.Tests;

/// <summary>The contract on a real PostgreSQL, and what only a server can do.</summary>
public sealed class PostgresCheckpointStoreTests(PostgresFixture fixture) : CheckpointStoreContract, IClassFixture<PostgresFixture>
{
    [SkippableFact]
    public async Task A_role_that_may_not_create_tables_is_enough_where_they_are_there()
    {
        await using var database = await Create();
        await using (var owner = Open(database))
        {
            _ = await owner.ReadAsync(1, _ => { }, CancellationToken.None);
        }

        var role = "reader_" + Guid.NewGuid().ToString("N");
        await database.Execute(
            $"create role {role} login; grant select, insert, update, delete on all tables in schema public to {role}; "
                + $"revoke create on schema public from public"
        );
        await using var store = CheckpointStores.Create(
            StorageProvider.Postgres,
            new NpgsqlConnectionStringBuilder(database.Settings.ConnectionString) { Username = role }.ConnectionString
        );

        await store.WriteAsync(new CheckpointHead(1, 1, 1, 1, null, null), [], 0, 0, CancellationToken.None);

        Assert.NotNull(await store.ReadAsync(1, _ => { }, CancellationToken.None));
    }

    private protected override async Task<TestDatabase> Create() =>
        new PostgresDatabase(await (await fixture.Server()).CreateDatabaseAsync());
}
