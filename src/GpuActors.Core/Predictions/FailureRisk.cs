using GpuActors.Core.Samples;

namespace GpuActors.Core.Predictions;

/// <summary>What a GPU is told of its newest prediction.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Within7Days">Probability of a failure within 7 days, 0 to 1.</param>
/// <param name="Within30Days">Probability of a failure within 30 days, 0 to 1.</param>
/// <param name="Type">The most likely kind of failure; null if the model does not predict it.</param>
/// <param name="Model">Name and version of the model.</param>
public sealed record FailureRisk(GpuId Gpu, double Within7Days, double Within30Days, string? Type, string Model);
