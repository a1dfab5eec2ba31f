using GpuActors.Core.Alerts;

namespace GpuActors.Core.Messaging;

/// <summary>
/// Reads the transitions that <c>gpu-alerts</c> already holds. A node that takes over a partition reads them before it processes the first
/// sample. It then recognizes transitions that the replay produces again and does not publish them twice, whichever node published them
/// and however that node stopped.
/// </summary>
public interface IAlertHistory
{
    /// <summary>
    /// Reads a partition of the alert topic up to the end that it has at the time of the call. While the brokers cannot be reached, the
    /// call waits and retries.
    /// </summary>
    /// <param name="partition">Partition number; it equals the partition of the GPUs' samples.</param>
    /// <param name="fromOffset">First offset to read; null to read the newest <paramref name="atMost"/> records.</param>
    /// <param name="atMost">Maximum number of records when <paramref name="fromOffset"/> is null.</param>
    /// <param name="cancellationToken">Cancels the read and its retries.</param>
    /// <exception cref="InvalidOperationException">The brokers refuse the read: the topic does not exist, or the client is not authorized
    /// to read it.</exception>
    Task<AlertHistory> ReadAsync(int partition, long? fromOffset, int atMost, CancellationToken cancellationToken);
}

/// <summary>The alert transitions of one partition.</summary>
/// <param name="NextOffset">End of the partition: records published later have this offset or a higher one.</param>
/// <param name="Transitions">The transitions, in the order in which they were published. Records that are not valid alerts are left
/// out.</param>
public sealed record AlertHistory(long NextOffset, IReadOnlyList<AlertTransition> Transitions);
