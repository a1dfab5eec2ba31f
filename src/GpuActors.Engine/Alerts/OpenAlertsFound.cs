using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Alerts;

/// <summary>Open alerts, and how much of the truth that is.</summary>
/// <param name="Alerts">The alerts, the oldest first.</param>
/// <param name="LeftOut">How many more there are, beyond what one answer holds.</param>
/// <param name="Nodes">How many nodes were asked.</param>
/// <param name="Missing">Those of them that have not answered, as host:port.</param>
public sealed record OpenAlertsFound(IReadOnlyList<OpenAlert> Alerts, int LeftOut, int Nodes, IReadOnlyList<string> Missing);
