using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>A new incident, as a fact.</summary>
/// <param name="IncidentId">Its id.</param>
/// <param name="Cause">Its cause.</param>
/// <param name="Scope">What it is about.</param>
/// <param name="AlertIds">Alerts that were alone and are now in it, beside the one that made it.</param>
/// <param name="Supersedes">Narrower incidents whose members are now in it.</param>
public sealed record IncidentOpening(
    string IncidentId,
    string Cause,
    IncidentScope Scope,
    IReadOnlyList<AlertId> AlertIds,
    IReadOnlyList<string> Supersedes
);
