namespace GpuActors.Collector.KernelLogs;

/// <summary>How much of a report one line contains: the driver spreads some reports over several lines.</summary>
public enum KernelLogPart : byte
{
    /// <summary>A complete report.</summary>
    Whole,

    /// <summary>The line names a GPU; a later line tells what happened.</summary>
    Device,

    /// <summary>A GPU has fallen off the bus; an earlier line names it.</summary>
    FallenOffBus,
}
