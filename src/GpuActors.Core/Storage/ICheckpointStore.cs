namespace GpuActors.Core.Storage;

/// <summary>
/// Where the states of GPUs are kept over restarts: a checkpoint per shard. The store creates its tables on first use. Safe for concurrent
/// use.
/// </summary>
public interface ICheckpointStore : IAsyncDisposable
{
    /// <summary>Reads the newest checkpoint of a shard as one consistent whole.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="take">Takes its pieces: states first, then minutes and hours, each in the order in which they were written.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    /// <returns>The head; null, and no piece, when the shard has no checkpoint.</returns>
    Task<CheckpointHead?> ReadAsync(int shard, Action<CheckpointPiece> take, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a checkpoint in one transaction: the head, states in place of those of the checkpoint before, and minutes and hours beside
    /// the ones that are there.
    /// </summary>
    /// <param name="head">Its head. Its number is one above that of the checkpoint that it follows.</param>
    /// <param name="pieces">Its pieces.</param>
    /// <param name="minutesFrom">Number of the oldest checkpoint whose minutes are still needed: older ones are deleted.</param>
    /// <param name="hoursFrom">The same for hours.</param>
    /// <param name="cancellationToken">Gives the writing up; it then may or may not be written.</param>
    /// <exception cref="CheckpointConflictException">The stored checkpoint has another number than the one before, or a later epoch or
    /// offset: another node owns or has owned the shard. Nothing is written.</exception>
    Task WriteAsync(
        CheckpointHead head,
        IReadOnlyList<CheckpointPiece> pieces,
        long minutesFrom,
        long hoursFrom,
        CancellationToken cancellationToken
    );
}
