using GpuActors.Core.Storage;
using GpuActors.Storage.Migrations;
using GpuActors.Storage.Postgres;
using GpuActors.Storage.Sqlite;

namespace GpuActors.Storage;

/// <summary>Creates the telemetry store for the configured database.</summary>
public static class TelemetryStores
{
    /// <summary>Creates a store. It connects to the database on first use.</summary>
    /// <exception cref="ArgumentException">A setting is invalid.</exception>
    public static ITelemetryStore Create(StorageSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        return settings.Provider == StorageProvider.Postgres ? new PostgresTelemetryStore(settings) : new SqliteTelemetryStore(settings);
    }

    /// <summary>
    /// Gets the schema version that this executable needs, for comparison with <see cref="ITelemetryStore.GetSchemaVersionAsync"/>.
    /// </summary>
    public static int NewestSchemaVersion(StorageProvider provider) =>
        Migration.Of(provider == StorageProvider.Postgres ? "postgres" : "sqlite")[^1].Number;
}
