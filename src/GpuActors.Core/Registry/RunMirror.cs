namespace GpuActors.Core.Registry;

/// <summary>Whether a run was also written to an MLflow server.</summary>
/// <param name="Uri">Address of the server, without a password.</param>
/// <param name="RunId">The run's id there; null if it was not created.</param>
/// <param name="Problem">Why the run is not there, or not as a whole; null if it is.</param>
public sealed record RunMirror(string Uri, string? RunId, string? Problem);
