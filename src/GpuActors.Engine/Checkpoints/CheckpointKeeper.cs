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
    private int _made;

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
            case Flush flush when _shards.TryGetValue(flush.Partition, out var shard):
                shard.Forward(flush);
                break;
            case Flush:
                // No GPU of the shard has been seen: there is nothing to write.
                Sender.Tell(new Flushed(true));
                break;
            case Reload reload:
                _failed.Remove(reload.Partition);
                if (_shards.Remove(reload.Partition, out var old))
                {
                    Context.Unwatch(old);
                    Context.Stop(old);
                }

                break;
            case Terminated stopped:
                // Recovery failed: whoever waited for it asks again in vain, so the GPUs of the shard start empty from here on.
                Forget(stopped.ActorRef);
                break;
        }
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
            // A name of its own each time: the one before may still be stopping.
            shard = Context.Watch(Context.ActorOf(ShardCheckpoint.Props(partition), $"shard-{partition}-{_made++}"));
            _shards[partition] = shard;
        }

        return shard;
    }
}
