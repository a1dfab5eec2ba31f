using GpuActors.Core.Storage;
using GpuActors.Storage.Assets;

namespace GpuActors.Storage;

/// <summary>Creates the store of inventory, lives and failures for the configured database.</summary>
public static class AssetStores
{
    /// <summary>Creates a store. It connects to the database on first use.</summary>
    /// <exception cref="ArgumentException">A setting is invalid.</exception>
    public static IAssetStore Create(StorageSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        return settings.Provider == StorageProvider.Postgres ? new PostgresAssetStore(settings) : new SqliteAssetStore(settings);
    }
}
