namespace GpuActors.Core.Gpus;

/// <summary>How a GPU is, in one word.</summary>
public enum GpuHealth : byte
{
    /// <summary>No alert is open.</summary>
    Healthy,

    /// <summary>The worst open alert is a warning or an information.</summary>
    Warning,

    /// <summary>A critical alert is open.</summary>
    Critical,
}
