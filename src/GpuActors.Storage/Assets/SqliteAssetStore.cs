using System.Globalization;
using GpuActors.Core.Histories;
using GpuActors.Core.Storage;
using GpuActors.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace GpuActors.Storage.Assets;

/// <summary>The store for SQLite: a connection per call, on a thread of the thread pool, because calls of SQLite block.</summary>
internal sealed class SqliteAssetStore(StorageSettings settings) : IAssetStore
{
    public Task<ImportCount> WriteAssetsAsync(IReadOnlyList<GpuAsset> assets, CancellationToken cancellationToken) =>
        Run((connection, transaction) => Write(connection, transaction, ImportTables.Assets, assets, cancellationToken), cancellationToken);

    public Task<HistoryCounts> WriteHistoryAsync(FleetHistory history, CancellationToken cancellationToken) =>
        Run(
            (connection, transaction) =>
                new HistoryCounts(
                    Write(connection, transaction, ImportTables.Deployments, history.Deployments, cancellationToken),
                    Write(connection, transaction, ImportTables.Service, history.Service, cancellationToken),
                    Write(connection, transaction, ImportTables.Failures, history.Failures, cancellationToken)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<LifeSpan>> ReadHistoryAsync(CancellationToken cancellationToken) =>
        Run(
            (connection, transaction) =>
                FleetHistory.Lines(
                    Read(
                        connection,
                        transaction,
                        "select gpu_uuid, location, inserted, removed from gpu_service order by gpu_uuid, inserted, location",
                        row => new LifeSpan(
                            row.GetString(0),
                            row.GetString(1),
                            row.GetInt64(2),
                            row.IsDBNull(3) ? null : row.GetInt64(3),
                            null
                        )
                    ),
                    Read(
                        connection,
                        transaction,
                        "select gpu_uuid, time, event, location, source from gpu_failures order by gpu_uuid, time, event, location",
                        row => new GpuFailure(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4))
                    )
                ),
            cancellationToken
        );

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> Run<T>(Func<SqliteConnection, SqliteTransaction, T> work, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                using var connection = SqliteSource.Open(settings);
                using var transaction = connection.BeginTransaction(deferred: false);
                var result = work(connection, transaction);
                transaction.Commit();
                return result;
            },
            cancellationToken
        );

    private static ImportCount Write<TRow>(
        SqliteConnection connection,
        SqliteTransaction transaction,
        ImportTable<TRow> table,
        IReadOnlyList<TRow> rows,
        CancellationToken cancellationToken
    )
    {
        using var insert = Command(
            connection,
            transaction,
            $"insert into {table.Name} ({table.Names}) values ({table.Inserted(c => "$" + c)}) on conflict ({table.Keys}) do nothing"
        );
        using var update = table.Update(c => "$" + c, "") is { } sql ? Command(connection, transaction, sql) : null;
        var (added, changed) = (0L, 0L);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Execute(insert, table, row) > 0)
            {
                added++;
            }
            else if (update is not null)
            {
                changed += Execute(update, table, row);
            }
        }

        return new ImportCount(added, changed, rows.Count - added - changed);
    }

    private static int Execute<TRow>(SqliteCommand command, ImportTable<TRow> table, TRow row)
    {
        command.Parameters.Clear();
        foreach (var column in table.Columns)
        {
            command.Parameters.AddWithValue(
                "$" + column.Name,
                column.Value(row) switch
                {
                    null => DBNull.Value,
                    DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    string text => StorableText.Of(text),
                    var value => value,
                }
            );
        }

        return command.ExecuteNonQuery();
    }

    private static List<T> Read<T>(SqliteConnection connection, SqliteTransaction transaction, string sql, Func<SqliteDataReader, T> row)
    {
        using var command = Command(connection, transaction, sql);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private static SqliteCommand Command(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command;
    }
}
