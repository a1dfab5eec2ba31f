using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Composition;

/// <summary>Open alerts, and how complete the list is.</summary>
/// <param name="Alerts">The alerts, the oldest first.</param>
/// <param name="LeftOut">Number of further alerts beyond the limit of one answer.</param>
public sealed record OpenAlertsFound(IReadOnlyList<OpenAlert> Alerts, int LeftOut);
