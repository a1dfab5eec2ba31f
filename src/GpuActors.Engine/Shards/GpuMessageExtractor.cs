using Akka.Cluster.Sharding;
using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>Finds a message's entity and shard: the shard id of a GPU is the partition of its records.</summary>
public sealed class GpuMessageExtractor(int partitions) : IMessageExtractor
{
    private readonly string[] _shards = Enumerable
        .Range(0, partitions)
        .Select(p => p.ToString(System.Globalization.CultureInfo.InvariantCulture))
        .ToArray();

    /// <inheritdoc/>
    public string EntityId(object message) =>
        message switch
        {
            IWithGpuId m => m.Gpu.Value,
            ShardProtocol.IToShard to => ShardProbe.Id(to.Shard),
            _ => null!,
        };

    /// <inheritdoc/>
    public object EntityMessage(object message) => message;

    /// <inheritdoc/>
    public string ShardId(object message) =>
        message switch
        {
            IWithGpuId m => _shards[Murmur2.Partition(m.Gpu, partitions)],
            ShardProtocol.IToShard to => _shards[to.Shard],
            _ => null!,
        };

    /// <inheritdoc/>
    public string ShardId(string entityId, object? messageHint = null) =>
        _shards[ShardProbe.ShardOf(entityId) ?? Murmur2.Partition(GpuId.Parse(entityId), partitions)];
}
