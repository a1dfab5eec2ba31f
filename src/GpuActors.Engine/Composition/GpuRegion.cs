using Akka.Actor;
using Akka.Cluster.Sharding;
using GpuActors.Core.Samples;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Shards;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Composition;

/// <summary>The shard region of GPU actors: one shard per partition, on the node that consumes the partition.</summary>
internal static class GpuRegion
{
    private const string TypeName = "gpu";

    /// <summary>Starts the region on a node that hosts GPU actors.</summary>
    public static Task<IActorRef> StartAsync(
        ActorSystem system,
        int partitions,
        PartitionOwners owners,
        ShardServices shards,
        GpuServices gpus
    ) =>
        ClusterSharding
            .Get(system)
            .StartAsync(
                TypeName,
                id => ShardProbe.ShardOf(id) is null ? GpuActor.Props(GpuId.Parse(id), gpus) : ShardProbe.Props(shards),
                ClusterShardingSettings.Create(system),
                new GpuMessageExtractor(partitions),
                new PartitionAllocation(owners),
                HandOff.Instance
            );

    /// <summary>Starts a proxy of the region on a node that hosts no GPU actors.</summary>
    public static Task<IActorRef> StartProxyAsync(ActorSystem system, int partitions) =>
        ClusterSharding.Get(system).StartProxyAsync(TypeName, DetectEngine.Role, new GpuMessageExtractor(partitions));

    /// <summary>The region on this node; dead letters before it has started.</summary>
    public static IActorRef Of(ActorSystem system)
    {
        var sharding = ClusterSharding.Get(system);
        return sharding.ShardTypeNames.Contains(TypeName) ? sharding.ShardRegion(TypeName) : system.DeadLetters;
    }
}
