namespace GpuActors.Host.NodeRoles;

/// <summary>
/// Counts how often another NOTIFY has taken over from the one of this node. Once is a takeover within the cluster. Again and again means
/// that another cluster has an active one as well, and that both take over from each other. The node that runs for longer waits for longer,
/// so that the one that came later ends.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class FencingCount(TimeProvider time)
{
    /// <summary>Fencings within <see cref="Window"/> after which a node that has started lately ends.</summary>
    public const int Young = 3;

    /// <summary>Those after which any other node ends.</summary>
    public const int Old = 12;

    /// <summary>Older ones do not count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly long _started = time.GetTimestamp();
    private readonly Queue<long> _fencings = new();
    private readonly Lock _gate = new();

    /// <summary>Counts one.</summary>
    /// <returns>Whether the node should end.</returns>
    public bool Add()
    {
        lock (_gate)
        {
            _fencings.Enqueue(time.GetTimestamp());
            while (time.GetElapsedTime(_fencings.Peek()) > Window)
            {
                _fencings.Dequeue();
            }

            return _fencings.Count >= (time.GetElapsedTime(_started) < Window ? Young : Old);
        }
    }
}
