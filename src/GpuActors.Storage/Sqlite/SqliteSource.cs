using Microsoft.Data.Sqlite;

namespace GpuActors.Storage.Sqlite;

/// <summary>Makes connections to the configured SQLite file.</summary>
internal static class SqliteSource
{
    /// <summary>Opens a connection in write-ahead mode; creates the file if it does not exist.</summary>
    public static SqliteConnection Open(StorageSettings settings)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder(settings.ConnectionString)
            {
                DefaultTimeout = (int)Math.Ceiling(settings.CommandTimeout.TotalSeconds),
                Pooling = false, // A pooled connection would keep the file open after the store is disposed.
            }.ConnectionString
        );
        connection.Open();
        using var pragma = connection.CreateCommand();
        pragma.CommandText = "pragma journal_mode = wal; pragma synchronous = normal;";
        pragma.ExecuteNonQuery();
        return connection;
    }
}
