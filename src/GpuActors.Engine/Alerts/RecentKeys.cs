namespace GpuActors.Engine.Alerts;

/// <summary>A set of the keys added last: older ones are forgotten.</summary>
internal sealed class RecentKeys(int capacity)
{
    private readonly HashSet<string> _set = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public IReadOnlyCollection<string> Keys => _order;

    public bool Contains(string key) => _set.Contains(key);

    public void Add(string key)
    {
        if (!_set.Add(key))
        {
            return;
        }

        _order.Enqueue(key);
        if (_order.Count > capacity)
        {
            _set.Remove(_order.Dequeue());
        }
    }
}
