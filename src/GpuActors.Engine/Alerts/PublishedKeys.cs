using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Transitions of one shard that are in the alert topic. Only those count that a replay can make again, which are those since
/// the last checkpoint: each checkpoint turns the page, and two pages are kept.
/// </summary>
internal sealed class PublishedKeys(int capacity)
{
    private HashSet<TransitionId> _current = [];
    private HashSet<TransitionId> _before = [];

    public bool Contains(TransitionId key) => _current.Contains(key) || _before.Contains(key);

    /// <summary>One more was published. Without checkpoints, the bound turns the page.</summary>
    public void Add(TransitionId key)
    {
        if (_current.Count >= capacity)
        {
            TurnPage();
        }

        _current.Add(key);
    }

    /// <summary>A checkpoint is written: what came before the one before it is in it.</summary>
    public void TurnPage()
    {
        (_before, _current) = (_current, _before);
        _current.Clear();
    }
}
