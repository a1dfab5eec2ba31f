using System.Globalization;
using System.Text;
using Akka.Cluster.Sharding;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>
/// Finds the entity and the shard of a message. The shard of a GPU is the partition of its records. A command goes to the GPU's actor; a
/// query and a message to the shard itself go to the shard's <see cref="ShardProbe"/>, so that a query starts no actor.
/// </summary>
/// <param name="partitions">Number of partitions, which is the number of shards.</param>
public sealed class GpuMessageExtractor(int partitions) : IMessageExtractor
{
    private readonly string[] _shards = [.. Numbers(partitions)];
    private readonly string[] _probes = [.. Enumerable.Range(0, partitions).Select(ShardProbe.Id)];

    /// <inheritdoc/>
    public string EntityId(object message) =>
        message switch
        {
            IGpuQuery query => _probes[Murmur2.Partition(query.Gpu, partitions)],
            IWithGpuId command => command.Gpu.Value,
            IWithShard to when IsShard(to.Shard) => _probes[to.Shard],
            _ => null!,
        };

    /// <inheritdoc/>
    public object EntityMessage(object message) => message;

    /// <inheritdoc/>
    public string ShardId(object message) =>
        message switch
        {
            IWithGpuId m => _shards[Murmur2.Partition(m.Gpu, partitions)],
            IWithShard to when IsShard(to.Shard) => _shards[to.Shard],
            _ => null!,
        };

    /// <inheritdoc/>
    public string ShardId(string entityId, object? messageHint = null) =>
        _shards[
            ShardProbe.ShardOf(entityId) is { } shard && IsShard(shard)
                ? shard
                : Murmur2.Partition(Encoding.UTF8.GetBytes(entityId), partitions)
        ];

    private bool IsShard(int shard) => shard >= 0 && shard < partitions;

    private static IEnumerable<string> Numbers(int count) =>
        Enumerable.Range(0, count).Select(number => number.ToString(CultureInfo.InvariantCulture));
}
