namespace GpuActors.Core.Incidents;

/// <summary>What an incident is about.</summary>
/// <param name="Kind"><c>host</c>, <c>rack</c>, <c>power_domain</c>, <c>cluster</c> or <c>datacenter</c>.</param>
/// <param name="Name">Which one.</param>
public sealed record IncidentScope(string Kind, string Name);
