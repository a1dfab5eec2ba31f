namespace GpuActors.Simulation.Failures;

/// <summary>The parts of a simulation that have random streams of their own.</summary>
internal enum StreamOf
{
    Identity,
    Failures,
    Noise,
    Hours,
    Reboots,
    Outages,
    Freezes,
    XidStorms,
    HotAir,
    PowerBrakes,
    IdleBlocks,
    Library,
}
