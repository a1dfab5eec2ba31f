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
    private volatile Route?[] _routes = new Route?[1024];
    private int _count;

    /// <summary>The GPU identities of this process.</summary>
    public GpuRegistry Registry => registry;

    /// <summary>Number of actors on this node.</summary>
    public int Count => Volatile.Read(ref _count);

    internal Route? Find(GpuIdentity gpu)
    {
        var routes = _routes;
        return gpu.Slot < routes.Length ? Volatile.Read(ref routes[gpu.Slot]) : null;
    }

    internal void Enter(GpuIdentity gpu, IActorRef actor, long appendTimeMs)
    {
        lock (_entering)
        {
            if (gpu.Slot >= _routes.Length)
            {
                var larger = new Route?[Math.Max(gpu.Slot + 1, _routes.Length * 2)];
                _routes.CopyTo(larger, 0);
                _routes = larger;
            }

            _count += _routes[gpu.Slot] is null ? 1 : 0;
            Volatile.Write(ref _routes[gpu.Slot], new Route(gpu.Id, actor) { AppendTimeMs = appendTimeMs });
        }
    }

    internal void Leave(GpuIdentity gpu, IActorRef actor)
    {
        lock (_entering)
        {
            if (gpu.Slot < _routes.Length && actor.Equals(_routes[gpu.Slot]?.Actor))
            {
                Volatile.Write(ref _routes[gpu.Slot], null);
                _count--;
            }
        }
    }

    /// <summary>Actors whose newest record was appended before a time, Unix milliseconds.</summary>
    internal IEnumerable<(GpuId Gpu, IActorRef Actor)> NotHeardSince(long appendTimeMs) =>
        _routes.Where(r => r is not null && r.AppendTimeMs < appendTimeMs).Select(r => (r!.Gpu, r.Actor));

    /// <summary>Actors of the GPUs of a shard.</summary>
    internal IReadOnlyList<(GpuId Gpu, IActorRef Actor)> OfShard(int shard, int shards) =>
        [.. NotHeardSince(long.MaxValue).Where(route => Murmur2.Partition(route.Gpu, shards) == shard)];

    /// <summary>
    /// One GPU's actor. Only the feeder writes the append time; the ticker may read a value that is slightly old.
    /// </summary>
    internal sealed class Route(GpuId gpu, IActorRef actor)
    {
        public GpuId Gpu => gpu;

        public IActorRef Actor => actor;

        public long AppendTimeMs { get; set; }
    }
}
