using GpuActors.Core.Histories;
using GpuActors.Core.Storage;
using GpuActors.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace GpuActors.Storage.Assets;

/// <summary>
/// The store for PostgreSQL. Rows go by binary COPY into a temporary table and from there into the table. An advisory lock lets one import
/// write at a time, so that two of the same rows never wait for each other.
/// </summary>
internal sealed class PostgresAssetStore(StorageSettings settings) : IAssetStore
{
    private const long LockKey = 0x67707569; // "gpui"

    private readonly NpgsqlDataSource _source = PostgresSource.Of(settings);

    public async Task<ImportCount> WriteAssetsAsync(IReadOnlyList<GpuAsset> assets, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
        var count = await WriteAsync(connection, ImportTables.Assets, assets, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    public async Task<HistoryCounts> WriteHistoryAsync(FleetHistory history, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
        var counts = new HistoryCounts(
            await WriteAsync(connection, ImportTables.Deployments, history.Deployments, cancellationToken).ConfigureAwait(false),
            await WriteAsync(connection, ImportTables.Service, history.Service, cancellationToken).ConfigureAwait(false),
            await WriteAsync(connection, ImportTables.Failures, history.Failures, cancellationToken).ConfigureAwait(false)
        );
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return counts;
    }

    public async Task<IReadOnlyList<LifeSpan>> ReadHistoryAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        // Both queries see the same state of the database.
        await using var transaction = await connection
            .BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken)
            .ConfigureAwait(false);
        var service = new List<LifeSpan>();
        await using (
            var command = new NpgsqlCommand(
                "select gpu_uuid, location, inserted, removed from gpu_service order by gpu_uuid collate \"C\", inserted, location",
                connection
            )
        )
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                service.Add(
                    new LifeSpan(
                        reader.GetString(0),
                        reader.GetString(1),
                        Millis(reader.GetDateTime(2)),
                        reader.IsDBNull(3) ? null : Millis(reader.GetDateTime(3)),
                        null
                    )
                );
            }
        }

        var failures = new List<GpuFailure>();
        await using (
            var command = new NpgsqlCommand(
                "select gpu_uuid, time, event, location, source from gpu_failures order by gpu_uuid collate \"C\", time, event, location",
                connection
            )
        )
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                failures.Add(
                    new GpuFailure(
                        reader.GetString(0),
                        Millis(reader.GetDateTime(1)),
                        reader.GetString(2),
                        reader.GetString(3),
                        reader.GetString(4)
                    )
                );
            }
        }

        return FleetHistory.Lines(service, failures);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await Execute(connection, $"select pg_advisory_xact_lock({LockKey})", cancellationToken).ConfigureAwait(false);
        return transaction;
    }

    private static async Task<ImportCount> WriteAsync<TRow>(
        NpgsqlConnection connection,
        ImportTable<TRow> table,
        IReadOnlyList<TRow> rows,
        CancellationToken cancellationToken
    )
    {
        await Execute(
                connection,
                $"create temporary table imported on commit drop as select {table.Names} from {table.Name} with no data",
                cancellationToken
            )
            .ConfigureAwait(false);
        var copy = await connection
            .BeginBinaryImportAsync($"copy imported ({table.Names}) from stdin (format binary)", cancellationToken)
            .ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                await copy.StartRowAsync(cancellationToken).ConfigureAwait(false);
                foreach (var column in table.Columns)
                {
                    await WriteAsync(copy, column.Value(row), column.Type, cancellationToken).ConfigureAwait(false);
                }
            }

            await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        var added = await Execute(
                connection,
                $"insert into {table.Name} ({table.Names}) select {table.Inserted(c => "i." + c)} from imported i "
                    + $"on conflict ({table.Keys}) do nothing",
                cancellationToken
            )
            .ConfigureAwait(false);
        var update = table.Update(c => "i." + c, "from imported i");
        var changed = update is null ? 0 : await Execute(connection, update, cancellationToken).ConfigureAwait(false);
        await Execute(connection, "drop table imported", cancellationToken).ConfigureAwait(false);
        return new ImportCount(added, changed, rows.Count - added - changed);
    }

    private static Task WriteAsync(NpgsqlBinaryImporter copy, object? value, NpgsqlDbType type, CancellationToken cancellationToken) =>
        value switch
        {
            null => copy.WriteNullAsync(cancellationToken),
            long time => copy.WriteAsync(DateTimeOffset.FromUnixTimeMilliseconds(time).UtcDateTime, type, cancellationToken),
            string text => copy.WriteAsync(StorableText.Of(text), type, cancellationToken),
            int number => copy.WriteAsync(number, type, cancellationToken),
            DateOnly date => copy.WriteAsync(date, type, cancellationToken),
            _ => throw new InvalidOperationException($"a value of an import is a {value.GetType().Name}"),
        };

    private static long Millis(DateTime time) => new DateTimeOffset(time).ToUnixTimeMilliseconds();

    private static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
