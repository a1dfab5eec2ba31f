using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Alerts;

/// <summary>Open alerts, and how complete the list is.</summary>
/// <param name="Alerts">The alerts, the oldest first.</param>
/// <param name="LeftOut">Number of further alerts beyond the limit of one answer.</param>
/// <param name="Nodes">Number of nodes that were asked.</param>
/// <param name="Missing">Nodes that did not answer in time, as host:port.</param>
public sealed record OpenAlertsFound(IReadOnlyList<OpenAlert> Alerts, int LeftOut, int Nodes, IReadOnlyList<string> Missing);
