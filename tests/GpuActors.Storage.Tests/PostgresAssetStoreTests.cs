namespace GpuActors.Storage.Tests;

/// <summary>The store of assets on a real PostgreSQL.</summary>
public sealed class PostgresAssetStoreTests(PostgresFixture fixture) : AssetStoreContract, IClassFixture<PostgresFixture>
{
    private protected override async Task<TestDatabase> Create() =>
        new PostgresDatabase(await (await fixture.Server()).CreateDatabaseAsync());
}
