using GpuActors.Core.Storage;

namespace GpuActors.Storage.Tests;

/// <summary>What DETECT relies on, whatever the database: each test runs on SQLite and on a real PostgreSQL.</summary>
public abstract class CheckpointStoreContract
{
    private const int Shard = 7;
    private static readonly CancellationToken None = CancellationToken.None;

    [SkippableFact]
    public async Task A_shard_without_a_checkpoint_has_no_head_and_no_pieces()
    {
        await using var database = await Create();
        await using var store = Open(database);

        var (head, pieces) = await Read(store);

        Assert.Null(head);
        Assert.Empty(pieces);
    }

    [SkippableFact]
    public async Task A_checkpoint_comes_back_with_its_head_and_its_pieces_in_order()
    {
        await using var database = await Create();
        await using var store = Open(database);
        var head = new CheckpointHead(Shard, 1, 5, 100, null, 8);
        await store.WriteAsync(
            head,
            [
                Piece(CheckpointPart.Hours, 1, 1),
                Piece(CheckpointPart.States, 1, 2),
                Piece(CheckpointPart.States, 1, 3),
                Piece(CheckpointPart.Minutes, 1, 4),
            ],
            0,
            0,
            None
        );

        var (read, pieces) = await Read(store);

        Assert.Equal(head, read);
        Assert.Equal(
            [
                (CheckpointPart.States, 1L, 2),
                (CheckpointPart.States, 1L, 3),
                (CheckpointPart.Minutes, 1L, 4),
                (CheckpointPart.Hours, 1L, 1),
            ],
            pieces
        );
    }

    [SkippableFact]
    public async Task States_are_replaced_and_minutes_and_hours_stay_until_they_are_not_needed()
    {
        await using var database = await Create();
        await using var store = Open(database);
        for (var number = 1; number <= 4; number++)
        {
            await Write(store, number, 1, number * 10, minutesFrom: number - 1, hoursFrom: number - 2);
        }

        var (head, pieces) = await Read(store);

        Assert.Equal((4, 40), (head!.Number, head.Offset));
        Assert.Equal([4], pieces.Where(piece => piece.Part == CheckpointPart.States).Select(piece => piece.Number));
        Assert.Equal([3, 4], pieces.Where(piece => piece.Part == CheckpointPart.Minutes).Select(piece => piece.Number));
        Assert.Equal([2, 3, 4], pieces.Where(piece => piece.Part == CheckpointPart.Hours).Select(piece => piece.Number));
    }

    [SkippableTheory]
    [InlineData(2, 5, 90)] // An older offset.
    [InlineData(2, 4, 100)] // An older ownership.
    [InlineData(1, 5, 100)] // Another one has written meanwhile.
    [InlineData(3, 5, 100)]
    public async Task What_does_not_follow_is_refused_and_changes_nothing(long number, long epoch, long offset)
    {
        await using var database = await Create();
        await using var store = Open(database);
        await Write(store, 1, 5, 100);
        var before = await Read(store);

        var conflict = await Assert.ThrowsAsync<CheckpointConflictException>(() => Write(store, number, epoch, offset));

        Assert.Equal((1, 5, 100), (conflict.Stored.Number, conflict.Stored.Epoch, conflict.Stored.Offset));
        var after = await Read(store);
        Assert.Equal(before.Head, after.Head);
        Assert.Equal(before.Pieces, after.Pieces);
    }

    [SkippableFact]
    public async Task A_checkpoint_that_follows_none_is_refused()
    {
        await using var database = await Create();
        await using var store = Open(database);

        var conflict = await Assert.ThrowsAsync<CheckpointConflictException>(() => Write(store, 3, 5, 100));

        Assert.Equal(0, conflict.Stored.Number);
    }

    [SkippableFact]
    public async Task Of_nodes_that_write_at_once_one_is_let_through()
    {
        await using var database = await Create();
        await using var first = Open(database);
        await using var second = Open(database);
        await Write(first, 1, 1, 1);

        var written = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async i =>
                {
                    try
                    {
                        await Write(i % 2 == 0 ? first : second, 2, 2, 2);
                        return true;
                    }
                    catch (CheckpointConflictException)
                    {
                        return false;
                    }
                })
        );

        Assert.Single(written, one => one);
        // States of the second checkpoint, minutes and hours of both.
        Assert.Equal(5, (await Read(first)).Pieces.Count);
    }

    [SkippableFact]
    public async Task Nodes_that_start_at_once_create_the_tables_once()
    {
        await using var database = await Create();
        var stores = Enumerable.Range(0, 4).Select(_ => Open(database)).ToList();

        Assert.All(await Task.WhenAll(stores.Select(Read)), read => Assert.Null(read.Head));

        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task To_delete_the_heads_is_to_delete_the_checkpoints()
    {
        await using var database = await Create();
        await using var store = Open(database);
        await Write(store, 1, 1, 1);
        await Write(store, 2, 1, 2);

        await database.Execute("delete from gpu_checkpoint");

        Assert.Null((await Read(store)).Head);
        await Write(store, 1, 1, 0);
        Assert.Equal([1, 1, 1], (await Read(store)).Pieces.Select(piece => piece.Number));
    }

    [SkippableFact]
    public async Task Pieces_of_megabytes_come_back()
    {
        await using var database = await Create();
        await using var store = Open(database);
        var bytes = new byte[3 << 20];
        new Random(1).NextBytes(bytes);
        await store.WriteAsync(
            new CheckpointHead(Shard, 1, 1, 1, 1, 1),
            [new CheckpointPiece(CheckpointPart.States, 1, bytes), new CheckpointPiece(CheckpointPart.Hours, 1, bytes.AsMemory(1))],
            0,
            0,
            None
        );

        var read = new List<byte[]>();
        _ = await store.ReadAsync(Shard, piece => read.Add(piece.Bytes.ToArray()), None);

        Assert.Equal(bytes, read[0]);
        Assert.Equal(bytes[1..], read[1]);
    }

    internal static ICheckpointStore Open(TestDatabase database) =>
        CheckpointStores.Create(database.Settings.Provider, database.Settings.ConnectionString);

    /// <summary>An empty database.</summary>
    private protected abstract Task<TestDatabase> Create();

    private static CheckpointPiece Piece(CheckpointPart part, long number, byte content) => new(part, number, new[] { content });

    private static Task Write(ICheckpointStore store, long number, long epoch, long offset, long minutesFrom = 0, long hoursFrom = 0) =>
        store.WriteAsync(
            new CheckpointHead(Shard, number, epoch, offset, 3, 4),
            [Piece(CheckpointPart.States, number, 1), Piece(CheckpointPart.Minutes, number, 2), Piece(CheckpointPart.Hours, number, 3)],
            minutesFrom,
            hoursFrom,
            None
        );

    private static async Task<(CheckpointHead? Head, List<(CheckpointPart Part, long Number, int Content)> Pieces)> Read(
        ICheckpointStore store
    )
    {
        var pieces = new List<(CheckpointPart, long, int)>();
        var head = await store.ReadAsync(Shard, piece => pieces.Add((piece.Part, piece.Number, piece.Bytes.Span[0])), None);
        return (head, pieces);
    }
}
