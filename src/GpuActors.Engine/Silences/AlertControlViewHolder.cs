using GpuActors.Core.Silences;

namespace GpuActors.Engine.Silences;

/// <summary>The node's copy as it is now: swapped as a whole, read by anybody. Before the first copy nothing is silenced.</summary>
internal sealed class AlertControlViewHolder
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile AlertControlView _current = AlertControlView.Empty;

    /// <summary>Ends when the first copy is there.</summary>
    public Task First => _first.Task;

    public AlertControlView Current
    {
        get => _current;
        set
        {
            _current = value;
            _first.TrySetResult();
        }
    }
}
