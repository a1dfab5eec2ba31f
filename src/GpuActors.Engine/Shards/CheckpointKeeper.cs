using Akka.Actor;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>The memories of the node's shards: one child each, made when the partition comes or a GPU of the shard first asks.</summary>
internal sealed class CheckpointKeeper : UntypedActor
{
    private readonly int _partitions;
    private readonly ShardMemoryOptions _options;
    private readonly Dictionary<int, IActorRef> _shards = [];

    public CheckpointKeeper(int partitions, ShardMemoryOptions options)
    {
        _partitions = partitions;
        _options = options;
    }

    public static Props Props(int partitions, ShardMemoryOptions options) =>
        Akka.Actor.Props.Create(() => new CheckpointKeeper(partitions, options));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Open open:
                if (_shards.Remove(open.Partition, out var old))
                {
                    Context.Stop(old);
                }

                Shard(open.Partition).Forward(open);
                break;
            case Load load:
                Shard(Murmur2.Partition(load.Gpu, _partitions)).Forward(load);
                break;
            case Retired retired:
                Shard(Murmur2.Partition(retired.Gpu, _partitions)).Forward(retired);
                break;
            case Flush flush:
                Shard(flush.Partition).Forward(flush);
                break;
        }
    }

    private IActorRef Shard(int partition) =>
        _shards.TryGetValue(partition, out var shard)
            ? shard
            : _shards[partition] = Context.ActorOf(ShardMemory.Props(partition, _options));
}
