using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// Runs chaos tests one at a time and not in parallel with other tests. Otherwise their latencies would depend on the load of the machine.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosCollection
{
    public const string Name = "Chaos";
}
