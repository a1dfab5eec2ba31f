namespace GpuActors.Core.Registry;

/// <summary>What a version of a registered model is used for.</summary>
public enum ModelStage
{
    /// <summary>Registered, and used for nothing yet.</summary>
    None,

    /// <summary>A candidate that is tried beside the version in production.</summary>
    Staging,

    /// <summary>In use. A model has at most one version in this stage.</summary>
    Production,

    /// <summary>Out of use.</summary>
    Archived,
}
