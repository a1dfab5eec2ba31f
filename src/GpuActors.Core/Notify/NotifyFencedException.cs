namespace GpuActors.Core.Notify;

/// <summary>Another incarnation of NOTIFY has taken over: this one publishes nothing any more.</summary>
public sealed class NotifyFencedException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="transactionalId">The transactional id of both.</param>
    /// <param name="inner">The client's error.</param>
    public NotifyFencedException(string transactionalId, Exception inner)
        : base($"NOTIFY's topics: another node has become the active one ({transactionalId})", inner) { }
}
