namespace GpuActors.Core.Logs;

/// <summary>How much of a report one line holds: the driver spreads some over several.</summary>
public enum KernelLogPart : byte
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>It names a GPU; what happened to it stands in a later line.</summary>
    Device,

    /// <summary>Something has fallen off the bus; which GPU stands in an earlier line.</summary>
    FallenOffBus,
}
