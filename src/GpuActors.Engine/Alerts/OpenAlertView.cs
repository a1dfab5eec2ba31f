using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Alerts that are open on this node, from the transitions that its outbox publishes and from the kept state of each GPU whose actor starts
/// here: after a restart it is complete once each GPU has been heard of. That costs one look at the state per actor start and nothing per
/// sample. Thread-safe, bounded.
/// </summary>
internal sealed class OpenAlertView(FleetTopology topology, int capacity = 100_000)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AlertId, OpenAlert> _alerts = [];
    private readonly Dictionary<GpuId, HashSet<AlertId>> _ofGpu = [];

    /// <summary>Alerts that are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _alerts.Count;
            }
        }
    }

    /// <summary>Alerts that were left out at the bound.</summary>
    public long LeftOut { get; private set; }

    /// <summary>All of them, the oldest first, without silences and acknowledgements.</summary>
    public IReadOnlyList<OpenAlert> All()
    {
        lock (_gate)
        {
            return [.. _alerts.Values.OrderBy(a => a.OpenedAtMs).ThenBy(a => a.AlertId.Value, StringComparer.Ordinal)];
        }
    }

    /// <summary>Whether an alert is open on this node.</summary>
    public bool Contains(AlertId alertId)
    {
        lock (_gate)
        {
            return _alerts.ContainsKey(alertId);
        }
    }

    /// <summary>Takes a transition in.</summary>
    public void Update(AlertTransition transition)
    {
        lock (_gate)
        {
            if (transition.State == AlertState.Resolved)
            {
                Remove(transition.AlertId);
            }
            else
            {
                var known = _alerts.GetValueOrDefault(transition.AlertId);
                Add(OpenAlert.Of(transition) with { IncidentId = known?.IncidentId });
            }
        }
    }

    /// <summary>Notes the incident of an open alert.</summary>
    public void Join(AlertId alertId, string? incidentId)
    {
        lock (_gate)
        {
            if (_alerts.TryGetValue(alertId, out var alert))
            {
                _alerts[alertId] = alert with { IncidentId = incidentId };
            }
        }
    }

    /// <summary>Takes in the open alerts of a GPU's kept state. The summary is not kept there.</summary>
    public void Restore(GpuStatus status)
    {
        lock (_gate)
        {
            foreach (var alert in status.OpenAlerts.Where(a => !_alerts.ContainsKey(a.AlertId)))
            {
                Add(alert with { Labels = alert.Labels.At(topology.Of(alert.Labels.Host)) });
            }
        }
    }

    /// <summary>Removes the alerts of a GPU whose actor has left the node.</summary>
    public void Forget(GpuId gpu)
    {
        lock (_gate)
        {
            if (_ofGpu.Remove(gpu, out var alerts))
            {
                foreach (var alert in alerts)
                {
                    _alerts.Remove(alert);
                }
            }
        }
    }

    private void Add(OpenAlert alert)
    {
        if (_alerts.Count >= capacity && !_alerts.ContainsKey(alert.AlertId))
        {
            LeftOut++;
            return;
        }

        _alerts[alert.AlertId] = alert;
        (_ofGpu.TryGetValue(alert.Gpu, out var alerts) ? alerts : _ofGpu[alert.Gpu] = []).Add(alert.AlertId);
    }

    private void Remove(AlertId alertId)
    {
        if (
            _alerts.Remove(alertId, out var alert)
            && _ofGpu.TryGetValue(alert.Gpu, out var alerts)
            && alerts.Remove(alertId)
            && alerts.Count == 0
        )
        {
            _ofGpu.Remove(alert.Gpu);
        }
    }
}
