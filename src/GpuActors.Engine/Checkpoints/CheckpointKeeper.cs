using Akka.Actor;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Checkpoints.CheckpointProtocol;

namespace GpuActors.Engine.Checkpoints;

/// <summary>The node's checkpoints: one child per shard, made when a GPU of the shard first asks.</summary>
internal sealed class CheckpointKeeper : UntypedActor
{
    private readonly int _partitions;
    private readonly Dictionary<int, IActorRef> _shards = [];
    private readonly HashSet<int> _failed = [];

    public CheckpointKeeper(int partitions) => _partitions = partitions;

    public static Props Props(int partitions) => Akka.Actor.Props.Create(() => new CheckpointKeeper(partitions));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Load load when _failed.Contains(Murmur2.Partition(load.Gpu, _partitions)):
                Sender.Tell(new Loaded([]));
                break;
            case Load load:
                Shard(load.Gpu).Forward(load);
                break;
            case Save save:
                Shard(save.Gpu).Forward(save);
                break;
            case Flush { Partition: { } partition } flush:
                // A shard that no GPU has asked for has nothing to write.
                _shards.GetValueOrDefault(partition)?.Forward(flush);
                break;
            case Flush:
                FlushAll();
                break;
            case Terminated stopped:
                // Recovery failed: whoever waited for it asks again in vain, so the GPUs of the shard start empty from here on.
                Forget(stopped.ActorRef);
                break;
        }
    }

    private void FlushAll()
    {
        var asker = Sender;
        Task.WhenAll(_shards.Values.Select(s => s.Ask<Flushed>(new Flush(), TimeSpan.FromSeconds(20)))).PipeTo(asker, Self, success: _ => new Flushed());
    }

    private void Forget(IActorRef shard)
    {
        foreach (var (partition, actor) in _shards.Where(s => s.Value.Equals(shard)).ToList())
        {
            _shards.Remove(partition);
            _failed.Add(partition);
        }
    }

    private IActorRef Shard(GpuId gpu)
    {
        var partition = Murmur2.Partition(gpu, _partitions);
        if (!_shards.TryGetValue(partition, out var shard))
        {
            shard = Context.Watch(Context.ActorOf(ShardCheckpoint.Props(partition), $"shard-{partition}"));
            _shards[partition] = shard;
        }

        return shard;
    }
}
