namespace GpuActors.Core.Registry;

/// <summary>A version has changed its stage.</summary>
/// <param name="Version">Number of the version.</param>
/// <param name="From">The stage that it had.</param>
/// <param name="To">The stage that it has got.</param>
/// <param name="Cause">Why.</param>
/// <param name="AtMs">When, in Unix milliseconds.</param>
/// <param name="Note">Why, in words of a person; can be empty.</param>
public sealed record StageTransition(int Version, ModelStage From, ModelStage To, TransitionCause Cause, long AtMs, string Note);
