using GpuActors.Core.Alerts;

namespace GpuActors.Host.Demo;

/// <summary>
/// Counts alerts by rule and state, and knows which are open. Thread-safe. A transition that comes twice (a replay) counts once.
/// </summary>
internal sealed class AlertTally
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Dictionary<string, long>> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<AlertId, AlertTransition> _open = [];
    private readonly Dictionary<AlertId, int> _lastSeq = [];

    /// <summary>Latencies of all that were counted.</summary>
    public LatencyRecorder Latency { get; } = new();

    /// <summary>Takes a transition; false when it was there already.</summary>
    public bool Add(AlertTransition alert)
    {
        lock (_gate)
        {
            if (_lastSeq.TryGetValue(alert.AlertId, out var seq) && seq >= alert.Seq)
            {
                return false;
            }

            _lastSeq[alert.AlertId] = alert.Seq;
            var states = _counts.TryGetValue(alert.Rule, out var known)
                ? known
                : _counts[alert.Rule] = new(StringComparer.Ordinal) { ["firing"] = 0, ["resolved"] = 0 };
            states[alert.State.Name()]++;
            if (alert.State == AlertState.Firing)
            {
                _open[alert.AlertId] = alert;
            }
            else
            {
                _open.Remove(alert.AlertId);
            }
        }

        Latency.Add(alert.LatencyMs);
        return true;
    }

    /// <summary>Alerts that are open, the oldest first.</summary>
    public IReadOnlyList<AlertTransition> Open
    {
        get
        {
            lock (_gate)
            {
                return [.. _open.Values.OrderBy(alert => alert.OpenedAtMs)];
            }
        }
    }

    /// <summary>Transitions by rule and state.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Counts
    {
        get
        {
            lock (_gate)
            {
                return _counts.ToDictionary(
                    c => c.Key,
                    c => (IReadOnlyDictionary<string, long>)new Dictionary<string, long>(c.Value, StringComparer.Ordinal),
                    StringComparer.Ordinal
                );
            }
        }
    }

    /// <summary>All transitions.</summary>
    public long Total
    {
        get
        {
            lock (_gate)
            {
                return _counts.Values.Sum(states => states.Values.Sum());
            }
        }
    }
}
