namespace GpuActors.Core.Messaging;

/// <summary>
/// A partition of a topic from the moment it is assigned to this process until it leaves: what a reader may ask and tell its consumer,
/// whatever the records are. All members are safe to use from any thread.
/// </summary>
public interface IAssignedPartition
{
    /// <summary>Partition number, from 0.</summary>
    int Partition { get; }

    /// <summary>
    /// Cancelled when the partition begins to leave: revoked, lost, or the consumer stops. Work that has not started need not start.
    /// </summary>
    CancellationToken Leaving { get; }

    /// <summary>
    /// Whether the partition has left: nothing is committed for it any more, and a failure of its remaining work is not a failure of the
    /// consumer.
    /// </summary>
    bool HasGone { get; }

    /// <summary>
    /// Called once when the partition leaves in good order (revoked, or the consumer stops) and all its batches are done, before its last
    /// offset is committed: the moment to write a checkpoint. The consumer waits for it for a limited time. Not called for a partition that
    /// is lost. Set before the first batch is taken; null (default) for nothing.
    /// </summary>
    Func<Task>? BeforeRelease { get; set; }

    /// <summary>
    /// Moves the committed offset to <paramref name="nextOffset"/>, for a consumer that commits only on request. Does nothing after the
    /// partition has left.
    /// </summary>
    /// <param name="nextOffset">Offset of the next record to read after a restart.</param>
    void CommitUpTo(long nextOffset);

    /// <summary>Asks the partition's leader for the end of its log.</summary>
    /// <param name="timeout">Longest wait for the answer.</param>
    /// <returns>
    /// Offset of the next record that will be appended; null without an answer in time, and after the partition has left.
    /// </returns>
    Task<long?> QueryEndOffsetAsync(TimeSpan timeout);
}
