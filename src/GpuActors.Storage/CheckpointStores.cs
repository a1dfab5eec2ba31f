using GpuActors.Core.Storage;
using GpuActors.Storage.Checkpoints;

namespace GpuActors.Storage;

/// <summary>Makes the store of checkpoints.</summary>
public static class CheckpointStores
{
    /// <summary>A store; it connects, and creates its tables, on first use.</summary>
    /// <param name="provider">Database kind.</param>
    /// <param name="connectionString">ADO.NET connection string of that kind.</param>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    public static ICheckpointStore Create(StorageProvider provider, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        return provider == StorageProvider.Postgres
            ? new PostgresCheckpointStore(connectionString)
            : new SqliteCheckpointStore(connectionString);
    }
}
