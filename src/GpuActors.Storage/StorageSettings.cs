using System.Data.Common;

namespace GpuActors.Storage;

/// <summary>
/// Where telemetry is stored (<c>gpu-actors.storage</c>). <see cref="ToString"/> and errors never show the connection string: it holds the
/// password.
/// </summary>
public sealed record StorageSettings
{
    /// <summary>Database kind. Default SQLite: it needs no server.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>ADO.NET connection string. Default a file <c>gpuactors.db</c> in the working folder.</summary>
    public string ConnectionString { get; init; } = "Data Source=gpuactors.db";

    /// <summary>
    /// How long one statement may take before it fails and is tried again. Default 60 s: a COPY of 20,000 rows takes well under one.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is unusable; the text names its key and the remedy.</exception>
    public void Validate()
    {
        if (CommandTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"gpu-actors.storage.command-timeout is {CommandTimeout}; a positive time is wanted");
        }

        try
        {
            _ = new DbConnectionStringBuilder { ConnectionString = ConnectionString };
        }
        catch (ArgumentException)
        {
            throw new ArgumentException(
                "gpu-actors.storage.connection-string is no ADO.NET connection string; key=value pairs divided by ';' are wanted, such as Host=db;Username=gpuactors;Database=gpuactors"
            );
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"StorageSettings {{ Provider = {Provider} }}";
}
