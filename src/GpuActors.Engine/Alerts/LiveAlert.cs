using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;

namespace GpuActors.Engine.Alerts;

/// <summary>An open alert as it is now.</summary>
/// <param name="Alert">The alert. One that is known from a GPU's kept state only has no summary and number 0.</param>
/// <param name="IncidentId">Its incident; null when it has none, or when the node has restarted since.</param>
/// <param name="Silence">The silence that covers it now; null for none.</param>
/// <param name="Acknowledgement">Who looks after it; null for nobody.</param>
public sealed record LiveAlert(AlertFacts Alert, string? IncidentId, Silence? Silence, Acknowledgement? Acknowledgement);
