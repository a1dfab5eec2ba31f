namespace GpuActors.Storage.Tests;

/// <summary>The registry of runs and models on embedded SQLite.</summary>
public sealed class SqliteModelRegistryTests : ModelRegistryContract
{
    private protected override Task<TestDatabase> Create() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}
