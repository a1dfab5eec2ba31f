namespace GpuActors.Core.Registry;

/// <summary>Why a version has changed its stage.</summary>
public enum TransitionCause
{
    /// <summary>Somebody has given it the stage.</summary>
    Requested,

    /// <summary>It was in production before, and a rollback has brought it back.</summary>
    Rollback,

    /// <summary>Another version has taken its place in production.</summary>
    Replaced,
}
