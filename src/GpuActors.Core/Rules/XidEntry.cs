using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>What an XID asks for.</summary>
/// <param name="Severity">Urgency; null raises no alert.</param>
/// <param name="Action">Recommended action.</param>
/// <param name="Summary">What the code means, in a few words.</param>
public sealed record XidEntry(AlertSeverity? Severity, string Action, string Summary);
