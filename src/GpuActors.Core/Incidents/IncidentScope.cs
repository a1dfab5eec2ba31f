namespace GpuActors.Core.Incidents;

/// <summary>A place that an incident is about.</summary>
/// <param name="Kind"><c>gpu</c>, <c>host</c>, <c>rack</c>, <c>power_domain</c>, <c>cluster</c> or <c>datacenter</c>.</param>
/// <param name="Name">Which one.</param>
public sealed record IncidentScope(string Kind, string Name)
{
    /// <summary>The kind that is a single GPU; the other kinds are the labels of a host and its place.</summary>
    public const string Gpu = "gpu";
}
