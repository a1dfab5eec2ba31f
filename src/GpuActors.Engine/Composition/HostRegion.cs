using Akka.Actor;
using Akka.Cluster.Sharding;
using GpuActors.Core.Rules;
using GpuActors.Engine.Hosts;

namespace GpuActors.Engine.Composition;

/// <summary>The shard region of host actors, spread evenly over the nodes that detect.</summary>
internal static class HostRegion
{
    private const string TypeName = "gpu-host";

    /// <summary>
    /// Starts the region. It starts before the region of GPUs, whose actors send to it; a host's actor looks the GPUs up when it sends.
    /// </summary>
    public static Task<IActorRef> StartAsync(ActorSystem system, RuleBook rules, int shards) =>
        ClusterSharding
            .Get(system)
            .StartAsync(
                TypeName,
                _ => HostActor.Props(rules, () => GpuRegion.Of(system)),
                ClusterShardingSettings.Create(system),
                new HostMessageExtractor(shards)
            );
}
