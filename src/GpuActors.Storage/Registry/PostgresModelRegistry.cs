using System.Data;
using GpuActors.Storage.Postgres;
using Npgsql;

namespace GpuActors.Storage.Registry;

/// <summary>The registry in PostgreSQL. Writers of one model wait for each other at its row.</summary>
internal sealed class PostgresModelRegistry(StorageSettings settings) : SqlModelRegistry
{
    private readonly NpgsqlDataSource _source = PostgresSource.Of(settings);

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private protected override async Task<T> RunAsync<T>(bool write, Func<RegistryTransaction, Task<T>> work, CancellationToken stop)
    {
        await using var connection = await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
        // All queries of a read see the same state of the database. A write must see what the writer before it has written.
        await using var transaction = await connection
            .BeginTransactionAsync(write ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead, stop)
            .ConfigureAwait(false);
        var result = await work(new RegistryTransaction(connection, transaction, timesAreNumbers: false, stop)).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return result;
    }
}
