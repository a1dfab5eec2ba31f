namespace GpuActors.Simulation.Fleet;

/// <summary>A server with up to eight GPUs and one exporter.</summary>
/// <param name="Name">Host name.</param>
/// <param name="Datacenter">Datacenter.</param>
/// <param name="Rack">Rack.</param>
public sealed record SimulatedHost(string Name, string Datacenter, string Rack);
