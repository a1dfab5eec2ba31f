using GpuActors.Core.Storage;
using GpuActors.Storage.Migrations;
using GpuActors.Storage.Postgres;
using GpuActors.Storage.Sqlite;

namespace GpuActors.Storage;

/// <summary>Makes the store that the settings name.</summary>
public static class TelemetryStores
{
    /// <summary>A store; it connects on first use.</summary>
    /// <exception cref="ArgumentException">A setting is unusable.</exception>
    public static ITelemetryStore Create(StorageSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        return settings.Provider == StorageProvider.Postgres ? new PostgresTelemetryStore(settings) : new SqliteTelemetryStore(settings);
    }

    /// <summary>
    /// The schema version that this executable needs, to be held against <see cref="ITelemetryStore.GetSchemaVersionAsync"/>.
    /// </summary>
    public static int NewestSchemaVersion(StorageProvider provider) =>
        Migration.Of(provider == StorageProvider.Postgres ? "postgres" : "sqlite")[^1].Number;
}
