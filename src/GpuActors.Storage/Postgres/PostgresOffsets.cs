using GpuActors.Core.Storage;
using Npgsql;

namespace GpuActors.Storage.Postgres;

/// <summary>
/// Moves the rows of <c>ingest_offsets</c>. The conditional update takes the row's lock until the transaction ends, so of two owners of
/// one partition the second waits, then sees the first's offset and is refused: a stale owner can't write behind the new one.
/// </summary>
internal static class PostgresOffsets
{
    private const string Move = """
        insert into ingest_offsets as o (topic, partition, next_offset) values ($1, $2, $4)
        on conflict (topic, partition) do update set next_offset = excluded.next_offset, updated_at = now()
        where o.next_offset <= $3
        """;

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
    /// Moves an offset of rows that may be written again: only ever forward, and whoever is there already is no conflict.
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
