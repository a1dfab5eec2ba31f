namespace GpuActors.Simulation.Failures;

/// <summary>A production batch.</summary>
/// <param name="Name">Name in the asset facts.</param>
/// <param name="Share">Share of the GPUs, above 0 to 1; the shares of all batches sum to 1.</param>
/// <param name="Multiplier">Hazard relative to the best batch, 1 to 100, in modes that vary by batch.</param>
public sealed record BatchParameters(string Name, double Share, double Multiplier);
