using Akka.Actor;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Gpus;

/// <summary>
/// Where the GPUs' actors on this node are, by slot: spares a message the way through region and shard. An actor enters itself when it
/// has handled its first message and leaves when it stops.
/// </summary>
public sealed class GpuRoutes(GpuRegistry registry)
{
    private readonly Lock _growing = new();
    private volatile IActorRef?[] _actors = new IActorRef?[1024];
    private int _count;

    /// <summary>Identities of this process.</summary>
    public GpuRegistry Registry => registry;

    /// <summary>Actors on this node.</summary>
    public int Count => Volatile.Read(ref _count);

    internal IActorRef? Find(GpuIdentity gpu)
    {
        var actors = _actors;
        return gpu.Slot < actors.Length ? Volatile.Read(ref actors[gpu.Slot]) : null;
    }

    internal void Enter(GpuIdentity gpu, IActorRef actor)
    {
        lock (_growing)
        {
            if (gpu.Slot >= _actors.Length)
            {
                var larger = new IActorRef?[Math.Max(gpu.Slot + 1, _actors.Length * 2)];
                _actors.CopyTo(larger, 0);
                _actors = larger;
            }

            _count += _actors[gpu.Slot] is null ? 1 : 0;
            Volatile.Write(ref _actors[gpu.Slot], actor);
        }
    }

    internal void Leave(GpuIdentity gpu, IActorRef actor)
    {
        lock (_growing)
        {
            if (gpu.Slot < _actors.Length && actor.Equals(_actors[gpu.Slot]))
            {
                Volatile.Write(ref _actors[gpu.Slot], null);
                _count--;
            }
        }
    }

    // For ticks and checkpoints: the actors that are here now.
    internal IEnumerable<IActorRef> All() => _actors.Where(a => a is not null)!;
}
