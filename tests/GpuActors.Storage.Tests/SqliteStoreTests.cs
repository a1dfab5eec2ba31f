namespace GpuActors.Storage.Tests;

/// <summary>The store contract on embedded SQLite.</summary>
public sealed class SqliteStoreTests : TelemetryStoreContract
{
    private protected override Task<TestDatabase> Create() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}
