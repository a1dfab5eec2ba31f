namespace GpuActors.Storage.Tests;

/// <summary>The store of assets on embedded SQLite.</summary>
public sealed class SqliteAssetStoreTests : AssetStoreContract
{
    private protected override Task<TestDatabase> Create() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}
