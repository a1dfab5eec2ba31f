namespace GpuActors.Simulation.Failures;

/// <summary>What kind of fault ended the use of a GPU: the class that a model predicts.</summary>
public enum FailureType
{
    /// <summary>Heat does not leave the chip.</summary>
    Thermal,

    /// <summary>HBM or SRAM.</summary>
    Memory,

    /// <summary>Voltage regulation.</summary>
    Power,

    /// <summary>PCIe or NVLink.</summary>
    Interconnect,

    /// <summary>Wear-out with age.</summary>
    Aging,

    /// <summary>Anything else.</summary>
    Other,
}
