using GpuActors.Core.Storage;
using Microsoft.Data.Sqlite;

namespace GpuActors.Storage.Checkpoints;

/// <summary>
/// Checkpoints in SQLite: one connection, one call at a time, each on a pool thread since SQLite's calls block. An immediate transaction
/// keeps other writers of the file out meanwhile; the actors' journal may be one.
/// </summary>
internal sealed class SqliteCheckpointStore(string connectionString) : ICheckpointStore
{
    private const string MoveHead = """
        insert into gpu_checkpoint as c (shard, number, epoch, sample_offset, log_offset, alert_offset)
        select $shard, $number, $epoch, $offset, $log, $alert
        where $number = 1 or exists (select 1 from gpu_checkpoint where shard = $shard)
        on conflict (shard) do update set number = excluded.number, epoch = excluded.epoch, sample_offset = excluded.sample_offset,
            log_offset = excluded.log_offset, alert_offset = excluded.alert_offset, written_at = unixepoch() * 1000
        where c.number = excluded.number - 1 and c.epoch <= excluded.epoch and c.sample_offset <= excluded.sample_offset
        """;

    private const string DeleteOld = """
        delete from gpu_checkpoint_windows
        where shard = $shard and ($number = 1 or (part = 1 and number < $minutes) or (part = 2 and number < $hours))
        """;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private SqliteConnection? _connection;

    public Task<CheckpointHead?> ReadAsync(int shard, Action<CheckpointPiece> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(take);
        return RunAsync(
            connection =>
            {
                using var transaction = connection.BeginTransaction(deferred: true);
                var head = ReadHead(connection, transaction, shard);
                if (head is not null)
                {
                    ReadPieces(
                        connection,
                        transaction,
                        """
                        select 0 as part, number, chunk, bytes from gpu_checkpoint_states where shard = $shard
                        union all select part, number, chunk, bytes from gpu_checkpoint_windows where shard = $shard
                        order by part, number, chunk
                        """,
                        shard,
                        take,
                        cancellationToken
                    );
                }

                return head;
            },
            cancellationToken
        );
    }

    public Task WriteAsync(
        CheckpointHead head,
        IReadOnlyList<CheckpointPiece> pieces,
        long minutesFrom,
        long hoursFrom,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(pieces);
        return RunAsync(
            connection =>
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                var moved = Execute(
                    connection,
                    transaction,
                    MoveHead,
                    ("$shard", head.Shard),
                    ("$number", head.Number),
                    ("$epoch", head.Epoch),
                    ("$offset", head.Offset),
                    ("$log", head.LogOffset),
                    ("$alert", head.AlertOffset)
                );
                if (moved == 0)
                {
                    throw new CheckpointConflictException(
                        head,
                        ReadHead(connection, transaction, head.Shard) ?? new CheckpointHead(head.Shard, 0, 0, 0, null, null)
                    );
                }

                _ = Execute(connection, transaction, "delete from gpu_checkpoint_states where shard = $shard", ("$shard", head.Shard));
                _ = Execute(
                    connection,
                    transaction,
                    DeleteOld,
                    ("$shard", head.Shard),
                    ("$number", head.Number),
                    ("$minutes", minutesFrom),
                    ("$hours", hoursFrom)
                );
                foreach (var (piece, chunk) in CheckpointSql.Chunks(pieces))
                {
                    Insert(connection, transaction, head, piece, chunk);
                }

                transaction.Commit();
                return true;
            },
            cancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
            _connection = null;
        }

        _turn.Dispose();
    }

    private async Task<T> RunAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => work(_connection ??= Open()), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder(connectionString)
            {
                ForeignKeys = true,
                Pooling = false, // The file can be deleted once the store is disposed.
            }.ConnectionString
        );
        try
        {
            connection.Open();
            using var transaction = connection.BeginTransaction(deferred: false);
            _ = Execute(connection, transaction, CheckpointSql.Schema("sqlite"));
            transaction.Commit();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static CheckpointHead? ReadHead(SqliteConnection connection, SqliteTransaction transaction, int shard)
    {
        using var command = Command(
            connection,
            transaction,
            "select number, epoch, sample_offset, log_offset, alert_offset from gpu_checkpoint where shard = $shard",
            ("$shard", shard)
        );
        using var reader = command.ExecuteReader();
        return reader.Read()
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

    private static void ReadPieces(
        SqliteConnection connection,
        SqliteTransaction transaction,
        string sql,
        int shard,
        Action<CheckpointPiece> take,
        CancellationToken cancellationToken
    )
    {
        using var command = Command(connection, transaction, sql, ("$shard", shard));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            take(new CheckpointPiece((CheckpointPart)reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(3)));
        }
    }

    private static void Insert(
        SqliteConnection connection,
        SqliteTransaction transaction,
        CheckpointHead head,
        CheckpointPiece piece,
        int chunk
    )
    {
        var isState = piece.Part == CheckpointPart.States;
        using var command = Command(
            connection,
            transaction,
            isState
                ? "insert into gpu_checkpoint_states (shard, chunk, number, bytes) values ($shard, $chunk, $number, $bytes)"
                : "insert into gpu_checkpoint_windows (shard, part, number, chunk, bytes) values ($shard, $part, $number, $chunk, $bytes)",
            ("$shard", head.Shard),
            ("$number", piece.Number),
            ("$chunk", chunk),
            ("$bytes", piece.Bytes.ToArray())
        );
        if (!isState)
        {
            command.Parameters.AddWithValue("$part", (int)piece.Part);
        }

        _ = command.ExecuteNonQuery();
    }

    private static int Execute(
        SqliteConnection connection,
        SqliteTransaction transaction,
        string sql,
        params ReadOnlySpan<(string Name, object? Value)> parameters
    )
    {
        using var command = Command(connection, transaction, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(
        SqliteConnection connection,
        SqliteTransaction transaction,
        string sql,
        params ReadOnlySpan<(string Name, object? Value)> parameters
    )
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
