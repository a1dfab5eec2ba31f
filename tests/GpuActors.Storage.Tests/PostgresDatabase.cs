using System.Data.Common;
using Npgsql;

namespace GpuActors.Storage.Tests;

/// <summary>A database of the server that the tests share.</summary>
internal sealed class PostgresDatabase(string connectionString) : TestDatabase
{
    internal override StorageSettings Settings => new() { Provider = StorageProvider.Postgres, ConnectionString = connectionString };

    internal override string LongAgo => "timestamptz '2020-01-01 00:00:00+00'";

    internal override Task Refuse(string table, string column, string unless, string name) =>
        Execute($"alter table {table} add constraint {name} check ({column} {unless})");

    protected override DbConnection Connect() => new NpgsqlConnection(connectionString);
}
