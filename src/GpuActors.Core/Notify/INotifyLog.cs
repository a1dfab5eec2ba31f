using GpuActors.Core.Alerts;

namespace GpuActors.Core.Notify;

/// <summary>
/// The topics of NOTIFY: it reads transitions from the alert log, and publishes what it decides together with how far it has read, all or
/// nothing. One instance is one incarnation: after any failure it is disposed, and the next one starts from what was published. Not
/// thread-safe: one call at a time.
/// </summary>
public interface INotifyLog : IAsyncDisposable
{
    /// <summary>
    /// Fences every earlier incarnation, so that none of them publishes anything any more, and then reads what they have published.
    /// </summary>
    /// <param name="restore">Takes it over: incidents, then alerts, then acknowledgements and silences.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task OpenAsync(NotifyState restore, CancellationToken cancellationToken);

    /// <summary>
    /// Whether everything has been read that the alert log had when it was opened. Before, no decision may be made: an alert may have
    /// resolved meanwhile.
    /// </summary>
    bool HasCaughtUp { get; }

    /// <summary>
    /// The next transitions, in the order of each partition. Waits for the first one for at most <paramref name="wait"/>.
    /// </summary>
    /// <param name="most">Most transitions.</param>
    /// <param name="wait">Longest wait.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<AlertTransition>> ReadAsync(int most, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes changes together with the position after the last transition that was read. Completes when readers of committed records
    /// see them.
    /// </summary>
    /// <exception cref="NotifyFencedException">Another incarnation has taken over.</exception>
    /// <exception cref="InvalidOperationException">The brokers refuse the records.</exception>
    Task PublishAsync(NotifyChanges changes, CancellationToken cancellationToken);
}
