using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>Somebody looks after an alert.</summary>
/// <param name="AlertId">The alert.</param>
/// <param name="By">Who.</param>
/// <param name="Comment">What they say; may be empty.</param>
/// <param name="AtMs">Since when, Unix milliseconds.</param>
/// <param name="ResolvedAtMs">When the alert resolved, Unix milliseconds; null while it is open.</param>
public sealed record Acknowledgement(AlertId AlertId, string By, string Comment, long AtMs, long? ResolvedAtMs = null);
