using GpuActors.Core.Storage;
using GpuActors.Storage.Migrations;
using Microsoft.Data.Sqlite;

namespace GpuActors.Storage.Sqlite;

/// <summary>
/// Creates and upgrades the schema of the embedded database. An immediate transaction prevents a second process from migrating at the same
/// time.
/// </summary>
internal static class SqliteMigrator
{
    private const string Table = """
        create table if not exists schema_migrations (
            number integer primary key, name text not null, checksum text not null,
            applied_at integer not null default (unixepoch() * 1000))
        """;

    public static MigrationResult Migrate(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        Execute(connection, transaction, Table);
        var applied = new List<string>();
        foreach (var migration in Migration.Pending(Migration.Of("sqlite"), Applied(connection, transaction)))
        {
            Execute(connection, transaction, migration.Sql);
            Execute(
                connection,
                transaction,
                "insert into schema_migrations (number, name, checksum) values ($number, $name, $checksum)",
                ("$number", migration.Number),
                ("$name", migration.Name),
                ("$checksum", migration.Checksum)
            );
            applied.Add($"sqlite/{migration.Name}");
        }

        var version = Applied(connection, transaction).Keys.DefaultIfEmpty(0).Max();
        transaction.Commit();
        return new MigrationResult(applied, version, []);
    }

    public static int Version(SqliteConnection connection)
    {
        using var exists = connection.CreateCommand();
        exists.CommandText = "select count(*) from sqlite_master where name = 'schema_migrations'";
        return (long)exists.ExecuteScalar()! == 0 ? 0 : Applied(connection, null).Keys.DefaultIfEmpty(0).Max();
    }

    private static Dictionary<int, string> Applied(SqliteConnection connection, SqliteTransaction? transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "select number, checksum from schema_migrations";
        using var reader = command.ExecuteReader();
        var applied = new Dictionary<int, string>();
        while (reader.Read())
        {
            applied[reader.GetInt32(0)] = reader.GetString(1);
        }

        return applied;
    }

    private static void Execute(
        SqliteConnection connection,
        SqliteTransaction transaction,
        string sql,
        params ReadOnlySpan<(string Name, object Value)> parameters
    )
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
