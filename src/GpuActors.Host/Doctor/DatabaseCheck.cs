using System.Data.Common;
using GpuActors.Storage;

namespace GpuActors.Host.Doctor;

/// <summary>Connects to the database and looks at its schema's version.</summary>
internal static class DatabaseCheck
{
    public static async Task<CheckResult> RunAsync(StorageSettings settings, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var name = "database " + (settings.Provider == StorageProvider.Postgres ? "postgres" : "sqlite");
        if (settings.MissingFile is { } file)
        {
            return new CheckResult(
                name,
                CheckStatus.Fail,
                $"the file {file} does not exist",
                "Run gpuactors migrate with the same configuration, which creates it"
            );
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            var store = TelemetryStores.Create(settings);
            await using (store.ConfigureAwait(false))
            {
                return Judge(
                    name,
                    await store.GetSchemaVersionAsync(deadline.Token).ConfigureAwait(false),
                    TelemetryStores.NewestSchemaVersion(settings.Provider)
                );
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CheckResult(
                name,
                CheckStatus.Fail,
                $"no answer within {timeout.TotalSeconds:0.#} s",
                "Check host and port in storage.connection-string, and that the server takes connections from this machine"
            );
        }
        catch (Exception e)
            when (e is DbException or IOException or System.Net.Sockets.SocketException or InvalidOperationException or TimeoutException)
        {
            return new CheckResult(
                name,
                CheckStatus.Fail,
                e.Message,
                "Check storage.provider and storage.connection-string, that the database exists and that the user may use it"
            );
        }
    }

    /// <summary>Judges a schema's version.</summary>
    internal static CheckResult Judge(string name, int version, int needed) =>
        version == needed ? new CheckResult(name, CheckStatus.Ok, $"schema version {version}")
        : version > needed
            ? new CheckResult(
                name,
                CheckStatus.Fail,
                $"schema version {version}, this executable knows up to {needed}",
                "Run an executable at least as new as the one that upgraded the database"
            )
        : new CheckResult(
            name,
            CheckStatus.Fail,
            version == 0 ? "no schema" : $"schema version {version}, {needed} is needed",
            "Run gpuactors migrate with the same configuration"
        );
}
