namespace GpuActors.Simulation.Fleet;

/// <summary>A simulated server with up to eight GPUs and one exporter.</summary>
/// <param name="Name">Host name.</param>
/// <param name="Datacenter">Name of the datacenter.</param>
/// <param name="Rack">Name of the rack.</param>
public sealed record SimulatedHost(string Name, string Datacenter, string Rack);
