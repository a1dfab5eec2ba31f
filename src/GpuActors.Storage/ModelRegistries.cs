using GpuActors.Core.Registry;
using GpuActors.Storage.Registry;

namespace GpuActors.Storage;

/// <summary>Creates the registry of runs and models for the configured database.</summary>
public static class ModelRegistries
{
    /// <summary>Creates a registry. It connects to the database on first use.</summary>
    /// <exception cref="ArgumentException">A setting is invalid.</exception>
    public static IModelRegistry Create(StorageSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        return settings.Provider == StorageProvider.Postgres ? new PostgresModelRegistry(settings) : new SqliteModelRegistry(settings);
    }
}
