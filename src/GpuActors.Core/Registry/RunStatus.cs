namespace GpuActors.Core.Registry;

/// <summary>How a training run has ended.</summary>
public enum RunStatus
{
    /// <summary>The run has given a model.</summary>
    Finished,

    /// <summary>The run has failed or was interrupted.</summary>
    Failed,
}
