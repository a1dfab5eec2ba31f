using GpuActors.Core.Storage;
using GpuActors.Storage;

namespace GpuActors.Host.Histories;

/// <summary>The database of what is known of GPUs besides telemetry, for commands.</summary>
internal static class AssetDatabase
{
    /// <summary>Opens the store, after a look at the schema.</summary>
    /// <exception cref="InvalidOperationException">The schema is missing, or older or newer than this executable.</exception>
    public static async Task<IAssetStore> OpenAsync(StorageSettings settings, CancellationToken cancellationToken)
    {
        const string Remedy = "run gpuactors migrate with the same configuration";
        if (settings.MissingFile is { } file)
        {
            throw new InvalidOperationException($"the database file {file} does not exist: {Remedy}");
        }

        var needed = TelemetryStores.NewestSchemaVersion(settings.Provider);
        int version;
        var telemetry = TelemetryStores.Create(settings);
        await using (telemetry.ConfigureAwait(false))
        {
            version = await telemetry.GetSchemaVersionAsync(cancellationToken).ConfigureAwait(false);
        }

        if (version == needed)
        {
            return AssetStores.Create(settings);
        }

        throw new InvalidOperationException(
            version == 0 ? $"the database has no schema: {Remedy}"
            : version < needed ? $"the database has schema version {version}, {needed} is needed: {Remedy}"
            : $"the database has schema version {version}, this executable knows up to {needed}: run a newer executable"
        );
    }
}
