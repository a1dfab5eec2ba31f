using GpuActors.Core.Alerts;

namespace GpuActors.Core.Gpus;

/// <summary>One open alert of a GPU.</summary>
/// <param name="AlertId">Its id.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Severity">Urgency.</param>
/// <param name="OpenedAtMs">When it opened, Unix milliseconds of sample time.</param>
public sealed record OpenAlert(string AlertId, string Rule, AlertSeverity Severity, long OpenedAtMs);
