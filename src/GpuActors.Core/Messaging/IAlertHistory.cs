using GpuActors.Core.Alerts;

namespace GpuActors.Core.Messaging;

/// <summary>
/// Reads what the topics already hold of the alerts of a partition. A node that takes over a partition reads them before it processes the
/// first sample. It then recognizes transitions that the replay produces again and does not publish them twice, whichever node published
/// them and however that node stopped; and a GPU whose saved state is lost knows which of its alerts are open.
/// </summary>
public interface IAlertHistory
{
    /// <summary>
    /// Reads a partition of the alert topic up to the end that it has at the time of the call. While the brokers cannot be reached, the
    /// call waits and retries.
    /// </summary>
    /// <param name="partition">Partition number; it equals the partition of the GPUs' samples.</param>
    /// <param name="fromOffset">First offset that is needed; null for the newest <paramref name="atMost"/> records.</param>
    /// <param name="atMost">Number of records when <paramref name="fromOffset"/> is null.</param>
    /// <param name="cancellationToken">Cancels the read and its retries.</param>
    /// <exception cref="InvalidOperationException">The brokers refuse the read: a topic does not exist, or the client is not authorized
    /// to read it.</exception>
    Task<AlertHistory> ReadAsync(int partition, long? fromOffset, int atMost, CancellationToken cancellationToken);
}

/// <summary>The alerts of one partition.</summary>
/// <param name="NextOffset">End of the partition of the alert topic: records published later have this offset or a higher one.</param>
/// <param name="Transitions">The transitions, in the order in which they were published; there may be older ones than were asked for.
/// Records that are not valid alerts are left out.</param>
/// <param name="Open">The newest transition of each alert that is open at the end of the partition, however old it is.</param>
public sealed record AlertHistory(long NextOffset, IReadOnlyList<AlertTransition> Transitions, IReadOnlyList<AlertTransition> Open)
{
    /// <summary>An alert topic without records.</summary>
    public static AlertHistory Empty { get; } = new(0, [], []);
}
