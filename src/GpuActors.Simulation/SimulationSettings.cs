using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation;

/// <summary>Settings of the simulated fleet (<c>gpu-actors.simulation</c>).</summary>
public sealed record SimulationSettings
{
    /// <summary>Number of GPUs, 1 to 100,000, at most eight per host. Default 10, one of each profile.</summary>
    public int Gpus { get; init; } = 10;

    /// <summary>Seed of all random numbers: the same seed and times give the same pages. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Product of all GPUs, one of the keys of <see cref="GpuProduct.All"/>. Default h100.</summary>
    public string Product { get; init; } = GpuProduct.H100.Key;

    /// <summary>Address at which the server listens. Default loopback.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port at which the server listens, 0 to 65535; 0 selects a free port. Default 9400, the port of dcgm-exporter.</summary>
    public int Port { get; init; } = 9400;

    /// <summary>Path of a scenario file; <c>demo</c> for the embedded scenario; empty (default) for no faults.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>
    /// File to which the kernel log lines of the faults <c>xid</c> and <c>vanish</c> are appended; empty (default) for none.
    /// </summary>
    public string KernelLog { get; init; } = "";

    /// <summary>Checks the ranges.</summary>
    /// <returns>The errors, each with key, value and remedy; empty if the settings are valid.</returns>
    public IEnumerable<string> Validate()
    {
        if (Gpus is < 1 or > 100_000)
        {
            yield return $"gpus = {Gpus}: must be from 1 to 100000";
        }

        if (!GpuProduct.All.Any(product => product.Key == Product))
        {
            yield return $"product = {Product}: must be one of {string.Join(", ", GpuProduct.All.Select(product => product.Key))}";
        }

        if (Port is < 0 or > 65_535)
        {
            yield return $"port = {Port}: must be from 0 (a free port) to 65535";
        }
    }
}
