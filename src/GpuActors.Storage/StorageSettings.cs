using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace GpuActors.Storage;

/// <summary>
/// The database in which telemetry is stored (<c>gpu-actors.storage</c>). The connection string can contain a password, so neither
/// <see cref="ToString"/> nor error messages include it.
/// </summary>
public sealed record StorageSettings
{
    /// <summary>Kind of database. Default SQLite, which needs no server.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>ADO.NET connection string. Default: the file <c>gpuactors.db</c> in the working directory.</summary>
    public string ConnectionString { get; init; } = "Data Source=gpuactors.db";

    /// <summary>
    /// Maximum duration of a statement; above zero. A statement that takes longer fails and is retried. Default 60 s; a COPY of 20,000 rows
    /// takes well under one second.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Path of the database file of SQLite if it does not exist yet; null otherwise.</summary>
    public string? MissingFile =>
        Provider == StorageProvider.Sqlite
        && new SqliteConnectionStringBuilder(ConnectionString) is { Mode: not SqliteOpenMode.Memory, DataSource: { Length: > 0 } file }
        && file != ":memory:"
        && !File.Exists(file)
            ? file
            : null;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is invalid; the message names its key and the remedy.</exception>
    public void Validate()
    {
        if (CommandTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"gpu-actors.storage.command-timeout = {CommandTimeout}: must be above 0");
        }

        try
        {
            _ = new DbConnectionStringBuilder { ConnectionString = ConnectionString };
        }
        catch (ArgumentException)
        {
            throw new ArgumentException(
                "gpu-actors.storage.connection-string is not a valid ADO.NET connection string: it must consist of key=value pairs "
                    + "separated by ';', such as Host=db;Username=gpuactors;Database=gpuactors"
            );
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"StorageSettings {{ Provider = {Provider} }}";
}
