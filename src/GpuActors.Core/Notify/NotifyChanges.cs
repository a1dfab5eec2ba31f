using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;

namespace GpuActors.Core.Notify;

/// <summary>What one decision of NOTIFY publishes, all of it in one transaction.</summary>
/// <param name="Pages">New pages, in order.</param>
/// <param name="Incidents">Incidents that changed; a null value deletes the record.</param>
/// <param name="Alerts">Open alerts that changed; a null value deletes the record of one that has resolved.</param>
/// <param name="Acknowledgements">Acknowledgements that changed; a null value deletes.</param>
/// <param name="Silences">Silences that changed; a null value deletes.</param>
public sealed record NotifyChanges(
    IReadOnlyList<Page> Pages,
    IReadOnlyList<(string IncidentId, IncidentRecord? Record)> Incidents,
    IReadOnlyList<(AlertId AlertId, GpuId Gpu, NotifiedAlert? Record)> Alerts,
    IReadOnlyList<(AlertId AlertId, Acknowledgement? Record)> Acknowledgements,
    IReadOnlyList<(string SilenceId, Silence? Record)> Silences
)
{
    /// <summary>Whether nothing has changed.</summary>
    public bool IsEmpty => Pages.Count + Incidents.Count + Alerts.Count + Acknowledgements.Count + Silences.Count == 0;
}
