namespace GpuActors.Simulation;

/// <summary>The simulated fleet (<c>gpu-actors.simulation</c>).</summary>
public sealed record SimulationSettings
{
    /// <summary>Number of GPUs, eight a host. Default 10, one of each profile.</summary>
    public int Gpus { get; init; } = 10;

    /// <summary>Seed of everything random: the same seed and times give the same pages. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Address to listen on. Default loopback.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port to listen on; 0 takes a free one. Default 9400, dcgm-exporter's.</summary>
    public int Port { get; init; } = 9400;

    /// <summary>Scenario file with faults by time; <c>demo</c> names the embedded one, empty (default) none.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>
    /// File that gets what the hosts' kernels would log of the faults <c>xid</c> and <c>vanish</c>; empty (default) for none.
    /// </summary>
    public string KernelLog { get; init; } = "";

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (Gpus is < 1 or > 100_000)
        {
            yield return $"gpus = {Gpus}: 1 to 100000 is wanted";
        }

        if (Port is < 0 or > 65_535)
        {
            yield return $"port = {Port}: 0 (a free port) to 65535 is wanted";
        }
    }
}
