using GpuActors.Core.Storage;
using Npgsql;

namespace GpuActors.Storage.Postgres;

/// <summary>Finds the rows that the database refuses, after a write of many rows has failed because of at least one of them.</summary>
internal static class RefusedRows
{
    private const string Savepoint = "rows";

    /// <summary>
    /// Writes the rows in a transaction that is rolled back, and halves each part that is refused until single rows are left. Finding one
    /// row among n takes about 2 · log2(n) statements and writes each row about twice.
    /// </summary>
    /// <param name="source">Opens the connection.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="write">Writes the rows from an index, as many as given.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The refused rows by ascending index; empty if each row is accepted.</returns>
    public static async Task<IReadOnlyList<RefusedRow>> FindAsync(
        NpgsqlDataSource source,
        int count,
        Func<NpgsqlConnection, int, int, Task> write,
        CancellationToken cancellationToken
    )
    {
        var refused = new List<RefusedRow>();
        var parts = new Stack<(int Start, int Count)>();
        parts.Push((0, count));
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (var immediate = new NpgsqlCommand("set constraints all immediate", connection))
        {
            // A deferred constraint would refuse at the commit, which never comes.
            await immediate.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        while (parts.TryPop(out var part) && part.Count > 0)
        {
            await transaction.SaveAsync(Savepoint, cancellationToken).ConfigureAwait(false);
            try
            {
                await write(connection, part.Start, part.Count).ConfigureAwait(false);
                await transaction.ReleaseAsync(Savepoint, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (StoreErrors.IsRefusal(e))
            {
                await transaction.RollbackAsync(Savepoint, cancellationToken).ConfigureAwait(false);
                if (part.Count == 1)
                {
                    refused.Add(new RefusedRow(part.Start, StoreErrors.ReasonOf(e)));
                    continue;
                }

                var half = part.Count / 2;
                parts.Push((part.Start + half, part.Count - half));
                parts.Push((part.Start, half));
            }
        }

        await transaction.RollbackAsync(cancellationToken).ConfigureAwait(false);
        return refused;
    }
}
