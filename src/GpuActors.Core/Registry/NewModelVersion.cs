namespace GpuActors.Core.Registry;

/// <summary>A version that is to be registered.</summary>
/// <param name="Model">Name of the model (<see cref="RegistryLimits.CheckName"/>); it is created with its first version.</param>
/// <param name="Content">The model, as ONNX; at most <see cref="RegistryLimits.MaxContentBytes"/>.</param>
/// <param name="CreatedMs">When it is registered, in Unix milliseconds.</param>
public sealed record NewModelVersion(string Model, byte[] Content, long CreatedMs)
{
    /// <summary>The run that has trained it, which the registry must have; null if it came from a file.</summary>
    public string? RunId { get; init; }

    /// <summary>What it is, in words; can be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// The stage in which it starts. Not <see cref="ModelStage.Production"/>: a version gets there by a promotion only.
    /// </summary>
    public ModelStage Stage { get; init; } = ModelStage.None;
}
