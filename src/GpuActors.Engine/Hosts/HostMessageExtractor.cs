using System.Globalization;
using System.Text;
using Akka.Cluster.Sharding;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.HostProtocol;

namespace GpuActors.Engine.Hosts;

/// <summary>Finds a host's actor. The hosts have as many shards as the GPUs; a hash of the host name selects one.</summary>
internal sealed class HostMessageExtractor(int shards) : IMessageExtractor
{
    private readonly string[] _shards = Enumerable.Range(0, shards).Select(s => s.ToString(CultureInfo.InvariantCulture)).ToArray();

    /// <inheritdoc/>
    public string EntityId(object message) => message is IHostCommand m ? m.Host : null!;

    /// <inheritdoc/>
    public object EntityMessage(object message) => message;

    /// <inheritdoc/>
    public string ShardId(object message) => message is IHostCommand m ? ShardId(m.Host) : null!;

    /// <inheritdoc/>
    public string ShardId(string entityId, object? messageHint = null) =>
        _shards[Murmur2.Partition(Encoding.UTF8.GetBytes(entityId), shards)];
}
