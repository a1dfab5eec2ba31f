namespace GpuActors.Collector.Common;

/// <summary>Where to start in a kernel log that already has lines.</summary>
public enum KernelLogStart
{
    /// <summary>At its end: only new lines.</summary>
    End,

    /// <summary>At its start.</summary>
    Start,
}
