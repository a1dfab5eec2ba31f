using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace GpuActors.Storage.Tests;

/// <summary>An SQLite database in a temporary directory.</summary>
internal sealed class SqliteDatabase : TestDatabase
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuactors-sqlite-");

    internal override StorageSettings Settings =>
        new() { ConnectionString = $"Data Source={Path.Combine(_folder.FullName, "test.db")};Pooling=False" };

    internal override string LongAgo => "0";

    internal override Task Refuse(string table, string column, string unless, string name) =>
        Execute(
            $"create trigger {name} before insert on {table} when not (new.{column} {unless}) begin select raise(abort, '{name}'); end"
        );

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    protected override DbConnection Connect() => new SqliteConnection(Settings.ConnectionString);
}
