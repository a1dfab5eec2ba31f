using Akka.Actor;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Gpus;

/// <summary>
/// Where the GPUs' actors on this node are, by slot: spares a message the way through region and shard. An actor enters itself when it
/// has handled its first message and leaves when it stops.
/// </summary>
public sealed class GpuRoutes(GpuRegistry registry)
{
    private readonly Lock _entering = new();
    private volatile Route?[] _routes = new Route?[1024];
    private int _count;

    /// <summary>Identities of this process.</summary>
    public GpuRegistry Registry => registry;

    /// <summary>Actors on this node.</summary>
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

    /// <summary>Actors of this node whose newest record was appended before a time.</summary>
    internal IEnumerable<(GpuId Gpu, IActorRef Actor)> NotHeardSince(long appendTimeMs) =>
        _routes.Where(r => r is not null && r.AppendTimeMs < appendTimeMs).Select(r => (r!.Gpu, r.Actor));

    /// <summary>Actors of this node whose GPUs belong to a shard.</summary>
    internal IReadOnlyList<(GpuId Gpu, IActorRef Actor)> OfShard(int shard, int shards) =>
        [.. NotHeardSince(long.MaxValue).Where(route => Murmur2.Partition(route.Gpu, shards) == shard)];

    /// <summary>
    /// One GPU's actor. The append time is written by the feeder alone and read by the ticker: a moment late does no harm.
    /// </summary>
    internal sealed class Route(GpuId gpu, IActorRef actor)
    {
        public GpuId Gpu => gpu;

        public IActorRef Actor => actor;

        public long AppendTimeMs { get; set; }
    }
}
