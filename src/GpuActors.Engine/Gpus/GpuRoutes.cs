using Akka.Actor;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Gpus;

/// <summary>
/// The GPUs' actors on this node, by slot: a message to one of them need not pass through region and shard. An actor enters itself after
/// its first message and removes itself when it stops. Thread-safe.
/// </summary>
public sealed class GpuRoutes(GpuRegistry registry)
{
    private readonly Lock _entering = new();
    private volatile GpuRoute?[] _routes = new GpuRoute?[1024];
    private int _count;

    /// <summary>The GPU identities of this process.</summary>
    public GpuRegistry Registry => registry;

    /// <summary>Number of GPUs whose actors are on this node; NVSwitches and exporters have actors, too, and are no GPUs.</summary>
    public int Count => Volatile.Read(ref _count);

    internal GpuRoute? Find(GpuIdentity gpu)
    {
        var routes = _routes;
        return gpu.Slot < routes.Length ? Volatile.Read(ref routes[gpu.Slot]) : null;
    }

    internal GpuRoute Enter(GpuIdentity gpu, IActorRef actor, long appendTimeMs)
    {
        var route = new GpuRoute(gpu.Id, actor) { AppendTimeMs = appendTimeMs };
        lock (_entering)
        {
            if (gpu.Slot >= _routes.Length)
            {
                var larger = new GpuRoute?[Math.Max(gpu.Slot + 1, _routes.Length * 2)];
                _routes.CopyTo(larger, 0);
                _routes = larger;
            }

            _count += _routes[gpu.Slot] is null && route.IsGpu ? 1 : 0;
            Volatile.Write(ref _routes[gpu.Slot], route);
        }

        return route;
    }

    internal void Leave(GpuIdentity gpu, IActorRef actor)
    {
        lock (_entering)
        {
            if (gpu.Slot < _routes.Length && actor.Equals(_routes[gpu.Slot]?.Actor))
            {
                _count -= _routes[gpu.Slot]!.IsGpu ? 1 : 0;
                Volatile.Write(ref _routes[gpu.Slot], null);
            }
        }
    }

    /// <summary>All of them, in no order.</summary>
    internal IEnumerable<GpuRoute> All => _routes.Where(route => route is not null)!;

    /// <summary>Actors of the GPUs of a shard.</summary>
    internal IReadOnlyList<(GpuId Gpu, IActorRef Actor)> OfShard(int shard, int shards) =>
        [.. All.Where(route => route.ShardOf(shards) == shard).Select(route => (route.Gpu, route.Actor))];
}
