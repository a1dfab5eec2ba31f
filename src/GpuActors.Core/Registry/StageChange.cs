namespace GpuActors.Core.Registry;

/// <summary>What a change of stage has done.</summary>
/// <param name="Version">The version, with its new stage.</param>
/// <param name="From">The stage that it had. The same as its new one if nothing had to be done.</param>
/// <param name="Replaced">The version that was in production before and is archived now; null if there was none.</param>
public sealed record StageChange(ModelVersion Version, ModelStage From, ModelVersion? Replaced);
