using GpuActors.Core.Storage;
using Npgsql;

namespace GpuActors.Storage.Postgres;

/// <summary>
/// Reads and moves the offsets in <c>ingest_offsets</c>. The conditional update holds the row's lock until the transaction ends. If two
/// nodes write the same partition, the second waits for the first, then sees its offset and is refused, so a former owner of a partition
/// can't write after its successor.
/// </summary>
internal static class PostgresOffsets
{
    private const string Move = """
        insert into ingest_offsets as o (topic, partition, next_offset) values ($1, $2, $4)
        on conflict (topic, partition) do update set next_offset = excluded.next_offset, updated_at = now()
        where o.next_offset <= $3
        """;

    /// <summary>Moves an offset from <paramref name="firstOffset"/>, or a smaller one, to <paramref name="nextOffset"/>.</summary>
    /// <exception cref="OffsetConflictException">The stored offset is greater than <paramref name="firstOffset"/>.</exception>
    public static async Task MoveAsync(
        NpgsqlConnection connection,
        string topic,
        int partition,
        long firstOffset,
        long nextOffset,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Move, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = topic },
                new NpgsqlParameter<int> { TypedValue = partition },
                new NpgsqlParameter<long> { TypedValue = firstOffset },
                new NpgsqlParameter<long> { TypedValue = nextOffset },
            },
        };
        if (await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 0)
        {
            var stored = (await ReadAsync(connection, topic, cancellationToken).ConfigureAwait(false)).GetValueOrDefault(partition, -1);
            throw new OffsetConflictException(topic, partition, stored, firstOffset);
        }
    }

    /// <summary>
    /// Moves the offset of idempotent rows, which may be written more than once. A stored offset that is already greater is kept and is no
    /// conflict.
    /// </summary>
    public static async Task RaiseAsync(NpgsqlConnection connection, IngestOffset offset, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into ingest_offsets as o (topic, partition, next_offset) values ($1, $2, $3)
            on conflict (topic, partition) do update set next_offset = greatest(o.next_offset, excluded.next_offset), updated_at = now()
            """,
            connection
        )
        {
            Parameters =
            {
                new() { Value = offset.Topic },
                new() { Value = offset.Partition },
                new() { Value = offset.NextOffset },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public static async Task<IReadOnlyDictionary<int, long>> ReadAsync(
        NpgsqlConnection connection,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var offsets = new Dictionary<int, long>();
        await using var command = new NpgsqlCommand("select partition, next_offset from ingest_offsets where topic = $1", connection)
        {
            Parameters = { new() { Value = topic } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            offsets[reader.GetInt32(0)] = reader.GetInt64(1);
        }

        return offsets;
    }
}
