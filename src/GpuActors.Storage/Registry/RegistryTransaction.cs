using System.Data.Common;

namespace GpuActors.Storage.Registry;

/// <summary>A transaction with the statements of the registry, which both databases understand but for times and row locks.</summary>
/// <param name="connection">An open connection.</param>
/// <param name="transaction">Its transaction.</param>
/// <param name="timesAreNumbers">Whether times are stored as Unix milliseconds (SQLite) and not as timestamps.</param>
/// <param name="stop">Ends a statement.</param>
internal sealed class RegistryTransaction(DbConnection connection, DbTransaction transaction, bool timesAreNumbers, CancellationToken stop)
{
    /// <summary>What a select ends with so that other writers wait for this transaction. SQLite has one writer at a time.</summary>
    public string ForUpdate => timesAreNumbers ? "" : " for update";

    /// <summary>Value of a column for a time.</summary>
    public object Time(long ms) => timesAreNumbers ? ms : DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime;

    /// <summary>Time of a column, in Unix milliseconds.</summary>
    public long Time(DbDataReader row, int column) =>
        timesAreNumbers ? row.GetInt64(column) : new DateTimeOffset(row.GetDateTime(column)).ToUnixTimeMilliseconds();

    /// <summary>Runs a statement.</summary>
    /// <returns>Number of rows.</returns>
    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = Command(sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        }
    }

    /// <summary>Reads all rows of a query.</summary>
    public async Task<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        var command = Command(sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var rows = new List<T>();
                while (await reader.ReadAsync(stop).ConfigureAwait(false))
                {
                    rows.Add(read(reader));
                }

                return rows;
            }
        }
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value switch
            {
                null or double.NaN => DBNull.Value,
                string text => StorableText.Of(text),
                _ => value,
            };
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
