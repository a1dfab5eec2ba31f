using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>States that a person handles an alert, so that it does not page.</summary>
/// <param name="AlertId">The alert.</param>
/// <param name="By">Who.</param>
/// <param name="Comment">Comment; may be empty.</param>
/// <param name="AtMs">Since when, Unix milliseconds.</param>
public sealed record Acknowledgement(AlertId AlertId, string By, string Comment, long AtMs);
