namespace GpuActors.Core.Gpus;

/// <summary>What is retired: taken out of the fleet for good.</summary>
public enum RetireScope : byte
{
    /// <summary>One GPU, NVSwitch or exporter, by its id.</summary>
    Gpu,

    /// <summary>All of a host, by its name.</summary>
    Host,

    /// <summary>All of a rack, by its name in the topology.</summary>
    Rack,
}
