using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>One chaos test at a time and nothing beside it: what they say of latency would else be about the machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosCollection
{
    public const string Name = "Chaos";
}
