using GpuActors.Storage.Sqlite;

namespace GpuActors.Storage.Registry;

/// <summary>The registry in SQLite: a connection per call, on a thread of the thread pool, because calls of SQLite block.</summary>
internal sealed class SqliteModelRegistry(StorageSettings settings) : SqlModelRegistry
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected override Task<T> RunAsync<T>(bool write, Func<RegistryTransaction, Task<T>> work, CancellationToken stop) =>
        Task.Run(
            async () =>
            {
                await using var connection = SqliteSource.Open(settings);
                // A write takes the lock of the file before it reads.
                await using var transaction = connection.BeginTransaction(deferred: !write);
                var result = await work(new RegistryTransaction(connection, transaction, timesAreNumbers: true, stop))
                    .ConfigureAwait(false);
                await transaction.CommitAsync(stop).ConfigureAwait(false);
                return result;
            },
            stop
        );
}
