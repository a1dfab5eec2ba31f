namespace GpuActors.Storage.Tests;

/// <summary>The contract on the embedded SQLite.</summary>
public sealed class SqliteCheckpointStoreTests : CheckpointStoreContract
{
    private protected override Task<TestDatabase> Create() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}
