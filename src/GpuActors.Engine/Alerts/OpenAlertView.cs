using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Alerts that are open on this node: what the outbox is told, and what a GPU's kept state says when its actor starts, so that it is right
/// after a restart as soon as each GPU has been heard of. That costs one look at the state per actor start and nothing per sample.
/// Thread-safe, bounded.
/// </summary>
internal sealed class OpenAlertView(FleetTopology topology, int capacity = 100_000)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _alerts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _ofGpu = new(StringComparer.Ordinal);

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

    /// <summary>All of them, the oldest first.</summary>
    public IReadOnlyList<Entry> All()
    {
        lock (_gate)
        {
            return [.. _alerts.Values.OrderBy(e => e.Alert.OpenedAtMs).ThenBy(e => e.Alert.AlertId, StringComparer.Ordinal)];
        }
    }

    /// <summary>Takes a transition in.</summary>
    public void Update(AlertFacts alert)
    {
        lock (_gate)
        {
            if (alert.State == AlertState.Resolved)
            {
                Remove(alert.AlertId);
            }
            else
            {
                Add(alert, _alerts.GetValueOrDefault(alert.AlertId)?.IncidentId);
            }
        }
    }

    /// <summary>Notes an open alert's incident.</summary>
    public void Join(string alertId, string? incidentId)
    {
        lock (_gate)
        {
            if (_alerts.TryGetValue(alertId, out var entry))
            {
                _alerts[alertId] = entry with { IncidentId = incidentId };
            }
        }
    }

    /// <summary>Takes in what a GPU's kept state says.</summary>
    public void Restore(GpuStatus status)
    {
        lock (_gate)
        {
            foreach (var alert in status.OpenAlerts.Where(a => !_alerts.ContainsKey(a.AlertId)))
            {
                Add(AlertFacts.Of(topology.Label(Known(status, alert))) with { Seq = 0 }, null);
            }
        }
    }

    /// <summary>A GPU's actor has left the node.</summary>
    public void Forget(GpuId gpu)
    {
        lock (_gate)
        {
            if (_ofGpu.Remove(gpu.Value, out var alerts))
            {
                foreach (var alert in alerts)
                {
                    _alerts.Remove(alert);
                }
            }
        }
    }

    // A state keeps which alerts are open, not what their records said.
    private static AlertTransition Known(GpuStatus status, OpenAlert alert) =>
        new()
        {
            AlertId = alert.AlertId,
            Seq = 1,
            State = AlertState.Firing,
            Severity = alert.Severity,
            Rule = alert.Rule,
            Gpu = status.Gpu,
            Summary = "",
            Value = double.NaN,
            Threshold = double.NaN,
            OpenedAtMs = alert.OpenedAtMs,
            SourceTimeMs = alert.OpenedAtMs,
            IngestedAtMs = alert.OpenedAtMs,
            Action = "",
            Runbook = "",
            Info = status.Info,
        };

    private void Add(AlertFacts alert, string? incidentId)
    {
        if (_alerts.Count >= capacity && !_alerts.ContainsKey(alert.AlertId))
        {
            LeftOut++;
            return;
        }

        _alerts[alert.AlertId] = new Entry(alert, incidentId);
        (_ofGpu.TryGetValue(alert.Gpu, out var alerts) ? alerts : _ofGpu[alert.Gpu] = new(StringComparer.Ordinal)).Add(alert.AlertId);
    }

    private void Remove(string alertId)
    {
        if (
            _alerts.Remove(alertId, out var entry)
            && _ofGpu.TryGetValue(entry.Alert.Gpu, out var alerts)
            && alerts.Remove(alertId)
            && alerts.Count == 0
        )
        {
            _ofGpu.Remove(entry.Alert.Gpu);
        }
    }

    /// <summary>One open alert.</summary>
    internal sealed record Entry(AlertFacts Alert, string? IncidentId);
}
