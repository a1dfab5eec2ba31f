using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GpuActors.Storage;

/// <summary>
/// The database in which telemetry is stored (<c>gpu-actors.storage</c>). The connection string can contain a password, so neither
/// <see cref="ToString"/> nor error messages include it.
/// </summary>
public sealed partial record StorageSettings
{
    /// <summary>Kind of database. Default SQLite, which needs no server.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>ADO.NET connection string. Default: the file <c>gpuactors.db</c> in the working directory.</summary>
    public string ConnectionString { get; init; } = "Data Source=gpuactors.db";

    /// <summary>
    /// PostgreSQL schema of all tables; <c>migrate</c> creates it. 1 to 63 lower-case letters, digits and underscores, the first no digit.
    /// Default empty: the first existing schema of the user's <c>search_path</c>, normally <c>public</c>. Not used with SQLite.
    /// </summary>
    public string Schema { get; init; } = "";

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
        if (Schema.Length > 0 && !SchemaName().IsMatch(Schema))
        {
            throw new ArgumentException(
                $"gpu-actors.storage.schema = {Schema}: must have 1 to 63 lower-case letters, digits and underscores, and must not begin "
                    + "with a digit"
            );
        }

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

    /// <summary>
    /// The connection string with <see cref="Schema"/> as the only schema in which tables are found, so that tables of the same names in
    /// another schema are never read or written.
    /// </summary>
    public string ConnectionStringOfSchema() =>
        Provider == StorageProvider.Postgres && Schema.Length > 0
            ? new NpgsqlConnectionStringBuilder(ConnectionString) { SearchPath = Schema }.ConnectionString
            : ConnectionString;

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex SchemaName();

    /// <inheritdoc/>
    public override string ToString() => $"StorageSettings {{ Provider = {Provider} }}";
}
