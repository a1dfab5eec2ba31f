namespace GpuActors.Core.Alerts;

/// <summary>Identifies one transition of one alert.</summary>
/// <param name="AlertId">The alert.</param>
/// <param name="Seq">Number of the transition within the alert, from 1.</param>
public readonly record struct TransitionId(AlertId AlertId, int Seq);
