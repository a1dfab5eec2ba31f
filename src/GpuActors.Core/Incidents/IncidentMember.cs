using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Incidents;

/// <summary>An alert of an incident.</summary>
/// <param name="AlertId">Its id.</param>
/// <param name="Gpu">The GPU's UUID.</param>
/// <param name="Host">The host; empty when it is not known.</param>
/// <param name="Rule">Id of the rule.</param>
/// <param name="State">Firing or resolved.</param>
/// <param name="Told">Whether a page was about it, or it joined without one because the incident had paged for its GPU or host.</param>
public sealed record IncidentMember(AlertId AlertId, GpuId Gpu, string Host, string Rule, AlertState State, bool Told);
