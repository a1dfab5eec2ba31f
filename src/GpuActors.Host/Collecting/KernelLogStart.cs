namespace GpuActors.Host.Collecting;

/// <summary>Where to start in a kernel log that is there already.</summary>
internal enum KernelLogStart
{
    /// <summary>At its end: only what is news.</summary>
    End,

    /// <summary>At its start.</summary>
    Start,
}
