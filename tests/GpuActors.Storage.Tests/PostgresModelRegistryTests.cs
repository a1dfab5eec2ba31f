namespace GpuActors.Storage.Tests;

/// <summary>The registry of runs and models on a real PostgreSQL.</summary>
public sealed class PostgresModelRegistryTests(PostgresFixture fixture) : ModelRegistryContract, IClassFixture<PostgresFixture>
{
    private protected override async Task<TestDatabase> Create() =>
        new PostgresDatabase(await (await fixture.Server()).CreateDatabaseAsync());
}
