using GpuActors.Core.Alerts;

namespace GpuActors.Core.Messaging;

/// <summary>
/// What <c>gpu-alerts</c> holds already. Whoever takes a partition over reads it before the first sample, so that a transition that a
/// replay makes again is known to have been published, whoever published it and however that node ended.
/// </summary>
public interface IAlertHistory
{
    /// <summary>Reads a partition of the alert topic up to its end as it is now.</summary>
    /// <param name="partition">Partition, which is that of the GPUs' samples.</param>
    /// <param name="fromOffset">First offset of interest; null for the newest <paramref name="atMost"/> records.</param>
    /// <param name="atMost">Most records without a first offset.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    /// <exception cref="InvalidOperationException">The brokers refuse: no such topic, no right to read it. Brokers that are away are waited
    /// for.</exception>
    Task<AlertHistory> ReadAsync(int partition, long? fromOffset, int atMost, CancellationToken cancellationToken);
}

/// <summary>Transitions of one partition.</summary>
/// <param name="NextOffset">End of the partition: whatever is published later has this offset or a higher one.</param>
/// <param name="Transitions">In the order in which they were published. Records that are no alerts are left out.</param>
public sealed record AlertHistory(long NextOffset, IReadOnlyList<AlertTransition> Transitions);
