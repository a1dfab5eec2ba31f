namespace GpuActors.Core.Gpus;

/// <summary>Health of a GPU, by its open alerts.</summary>
public enum GpuHealth : byte
{
    /// <summary>No alert is open.</summary>
    Healthy,

    /// <summary>The worst open alert is a warning or an information.</summary>
    Warning,

    /// <summary>A critical alert is open.</summary>
    Critical,
}
