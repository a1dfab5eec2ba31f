using System.Buffers;
using System.Data;
using GpuActors.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace GpuActors.Storage.Checkpoints;

/// <summary>
/// Checkpoints in PostgreSQL. The conditional upsert of the head locks the shard's row until the transaction ends: of two nodes that write
/// one shard the second waits, then sees the head of the first and is refused.
/// </summary>
internal sealed class PostgresCheckpointStore : ICheckpointStore
{
    // A statement that takes longer has met a server that hangs; the next checkpoint tries again.
    private const int CommandTimeoutSeconds = 20;
    private const long SchemaLock = 0x67707563; // "gpuc"

    private const string MoveHead = """
        insert into gpu_checkpoint as c (shard, number, epoch, sample_offset, log_offset, alert_offset)
        select $1, $2, $3, $4, $5, $6 where $2 = 1 or exists (select from gpu_checkpoint where shard = $1)
        on conflict (shard) do update set number = excluded.number, epoch = excluded.epoch, sample_offset = excluded.sample_offset,
            log_offset = excluded.log_offset, alert_offset = excluded.alert_offset, written_at = now()
        where c.number = excluded.number - 1 and c.epoch <= excluded.epoch and c.sample_offset <= excluded.sample_offset
        """;

    private const string DeleteOld = """
        delete from gpu_checkpoint_windows
        where shard = $1 and ($2 = 1 or (part = 1 and number < $3) or (part = 2 and number < $4))
        """;

    private readonly NpgsqlDataSource _source;
    private readonly string? _schema;
    private volatile bool _hasTables;

    public PostgresCheckpointStore(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.CommandTimeout = CommandTimeoutSeconds;
        builder.ConnectionStringBuilder.ApplicationName ??= "gpuactors";
        _schema = builder.ConnectionStringBuilder.SearchPath;
        _source = builder.Build();
    }

    public async Task<CheckpointHead?> ReadAsync(int shard, Action<CheckpointPiece> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(take);
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        // All statements of the transaction see the same checkpoint.
        await using var transaction = await connection
            .BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken)
            .ConfigureAwait(false);
        var head = await ReadHeadAsync(connection, shard, cancellationToken).ConfigureAwait(false);
        if (head is not null)
        {
            await ReadPiecesAsync(
                    connection,
                    "select 0::smallint, number, bytes from gpu_checkpoint_states where shard = $1 order by chunk",
                    shard,
                    take,
                    cancellationToken
                )
                .ConfigureAwait(false);
            await ReadPiecesAsync(
                    connection,
                    "select part, number, bytes from gpu_checkpoint_windows where shard = $1 order by part, number, chunk",
                    shard,
                    take,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        return head;
    }

    public async Task WriteAsync(
        CheckpointHead head,
        IReadOnlyList<CheckpointPiece> pieces,
        long minutesFrom,
        long hoursFrom,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(pieces);
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await MoveHeadAsync(connection, head, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, "delete from gpu_checkpoint_states where shard = $1", cancellationToken, Int(head.Shard))
            .ConfigureAwait(false);
        await ExecuteAsync(connection, DeleteOld, cancellationToken, Int(head.Shard), Long(head.Number), Long(minutesFrom), Long(hoursFrom))
            .ConfigureAwait(false);
        foreach (var (piece, chunk) in CheckpointSql.Chunks(pieces))
        {
            await InsertAsync(connection, head, piece, chunk, cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_hasTables)
            {
                await CreateTablesAsync(connection, cancellationToken).ConfigureAwait(false);
                _hasTables = true;
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Nodes that start at once create them one after the other. Where they are there, a role without the right to create tables is enough.
    private async Task CreateTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("select to_regclass('gpu_checkpoint_windows') is not null", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true)
        {
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({SchemaLock})", cancellationToken).ConfigureAwait(false);
        if (_schema is { Length: > 0 } schema && !schema.Contains(',', StringComparison.Ordinal))
        {
            await ExecuteAsync(connection, $"create schema if not exists {schema}", cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(connection, CheckpointSql.Schema("postgres"), cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task MoveHeadAsync(NpgsqlConnection connection, CheckpointHead head, CancellationToken cancellationToken)
    {
        var moved = await ExecuteAsync(
                connection,
                MoveHead,
                cancellationToken,
                Int(head.Shard),
                Long(head.Number),
                Long(head.Epoch),
                Long(head.Offset),
                Long(head.LogOffset),
                Long(head.AlertOffset)
            )
            .ConfigureAwait(false);
        if (moved == 0)
        {
            throw new CheckpointConflictException(
                head,
                await ReadHeadAsync(connection, head.Shard, cancellationToken).ConfigureAwait(false)
                    ?? new CheckpointHead(head.Shard, 0, 0, 0, null, null)
            );
        }
    }

    private static async Task<CheckpointHead?> ReadHeadAsync(NpgsqlConnection connection, int shard, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select number, epoch, sample_offset, log_offset, alert_offset from gpu_checkpoint where shard = $1",
            connection
        )
        {
            Parameters = { Int(shard) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new CheckpointHead(
                shard,
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetInt64(4)
            )
            : null;
    }

    // Row by row into one pooled buffer: a shard may have hundreds of megabytes.
    private static async Task ReadPiecesAsync(
        NpgsqlConnection connection,
        string sql,
        int shard,
        Action<CheckpointPiece> take,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { Int(shard) } };
        await using var reader = await command
            .ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken)
            .ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var (part, number) = ((CheckpointPart)reader.GetInt16(0), reader.GetInt64(1));
                var stream = await reader.GetStreamAsync(2, cancellationToken).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    var length = (int)stream.Length;
                    if (length > buffer.Length)
                    {
                        ArrayPool<byte>.Shared.Return(buffer);
                        buffer = ArrayPool<byte>.Shared.Rent(length);
                    }

                    await stream.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                    take(new CheckpointPiece(part, number, buffer.AsMemory(0, length)));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Task<int> InsertAsync(
        NpgsqlConnection connection,
        CheckpointHead head,
        CheckpointPiece piece,
        int chunk,
        CancellationToken cancellationToken
    )
    {
        var bytes = new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = piece.Bytes, NpgsqlDbType = NpgsqlDbType.Bytea };
        return piece.Part == CheckpointPart.States
            ? ExecuteAsync(
                connection,
                "insert into gpu_checkpoint_states (shard, chunk, number, bytes) values ($1, $2, $3, $4)",
                cancellationToken,
                Int(head.Shard),
                Int(chunk),
                Long(piece.Number),
                bytes
            )
            : ExecuteAsync(
                connection,
                "insert into gpu_checkpoint_windows (shard, part, number, chunk, bytes) values ($1, $2, $3, $4, $5)",
                cancellationToken,
                Int(head.Shard),
                new NpgsqlParameter<short> { TypedValue = (short)piece.Part },
                Long(piece.Number),
                Int(chunk),
                bytes
            );
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params NpgsqlParameter[] parameters
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static NpgsqlParameter<int> Int(int value) => new() { TypedValue = value };

    private static NpgsqlParameter Long(long? value) =>
        value is { } number
            ? new NpgsqlParameter<long> { TypedValue = number }
            : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
