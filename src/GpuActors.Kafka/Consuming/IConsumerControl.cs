using GpuActors.Core.Messaging;

namespace GpuActors.Kafka.Consuming;

/// <summary>A running consumer, as the materialized value of its source.</summary>
public interface IConsumerControl
{
    /// <summary>Completes when the consumer has left its group and freed everything; faulted when it failed.</summary>
    Task Completion { get; }

    /// <summary>Partitions assigned now.</summary>
    IReadOnlyList<int> Partitions { get; }

    /// <summary>
    /// Since when it is a member of its group, as of the last second; null while it is not. A member may have no partition: the group may
    /// be distributing them, or may have more members than partitions.
    /// </summary>
    TimeSpan? MemberFor { get; }

    /// <summary>
    /// Records in the log that are not read yet, over all assigned partitions, as of the last fetch (refreshed each second); -1 while
    /// unknown.
    /// </summary>
    long Lag { get; }

    /// <summary>Batches that were handed to readers and are not done yet.</summary>
    int BatchesInFlight { get; }

    /// <summary>Records read so far.</summary>
    long Records { get; }

    /// <summary>Errors that did not stop the consumer (a broker out of reach, a leader that moves).</summary>
    long Errors { get; }

    /// <summary>Text of the last of these errors; null when there was none.</summary>
    string? LastError { get; }

    /// <summary>
    /// Stops polling, completes all partitions, waits at most four times <see cref="Settings.KafkaConsumerSettings.RevokeDrainTimeout"/>
    /// for batches in flight and for <see cref="IAssignedPartition.BeforeRelease"/>, commits and leaves the group. May be called more than
    /// once.
    /// </summary>
    /// <returns><see cref="Completion"/>.</returns>
    Task DrainAndStop();

    /// <summary>
    /// Leaves the group at once, for a node that must not continue: batches in flight are abandoned and no offset is stored any more. The
    /// next owner reads again what was done and not stored. The source fails. May be called more than once.
    /// </summary>
    /// <returns>Completes when the consumer has left, however it ended.</returns>
    Task Abort();
}
