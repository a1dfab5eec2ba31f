using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;

namespace GpuActors.Engine.Shards;

/// <summary>
/// Which node consumes which partition, as far as this node knows. The table is replicated to all nodes that detect, so that shards can
/// follow their partitions. A node that takes a partition over replaces the former owner; entries are never deleted. Thread-safe.
/// </summary>
internal sealed class PartitionOwners
{
    private static readonly LWWDictionaryKey<int, string> Key = new("gpu-partition-owners");

    private readonly Cluster _cluster;
    private readonly IActorRef _replicator;
    private ImmutableDictionary<int, string> _owners = ImmutableDictionary<int, string>.Empty;

    /// <summary>Subscribes to the table of the cluster of <paramref name="system"/>.</summary>
    public PartitionOwners(ActorSystem system)
    {
        _cluster = Cluster.Get(system);
        _replicator = DistributedData.Get(system).Replicator;
        _ = system.ActorOf(Props.Create(() => new Follower(this)));
    }

    /// <summary>Makes this node the owner of a partition.</summary>
    public void Take(int partition)
    {
        var self = _cluster.SelfAddress.ToString();
        // On this node the change takes effect at once, on the others within a second.
        ImmutableInterlocked.Update(ref _owners, static (owners, taken) => owners.SetItem(taken.partition, taken.self), (partition, self));
        _replicator.Tell(
            Dsl.Update(Key, LWWDictionary<int, string>.Empty, WriteLocal.Instance, owners => owners.SetItem(_cluster, partition, self)),
            ActorRefs.NoSender
        );
    }

    /// <summary>Address of the node that consumes a partition; null when unknown.</summary>
    public string? Of(int partition) => Volatile.Read(ref _owners).GetValueOrDefault(partition);

    /// <summary>Whether this node still owns a partition, as far as it knows.</summary>
    public bool OwnsAny
    {
        get
        {
            var self = _cluster.SelfAddress.ToString();
            return Volatile.Read(ref _owners).Any(owner => owner.Value == self);
        }
    }

    /// <summary>Whether the nodes of all these actors are members that can be reached.</summary>
    public bool AreReachable(IEnumerable<IActorRef> actors)
    {
        var state = _cluster.State;
        var reachable = state
            .Members.Except(state.Unreachable)
            .Select(member => member.Address.ToString())
            .ToHashSet(StringComparer.Ordinal);
        return actors.All(actor => reachable.Contains(AddressOf(actor)));
    }

    /// <summary>Address of the node that an actor is on.</summary>
    public string AddressOf(IActorRef actor) => (actor.Path.Address.HasGlobalScope ? actor.Path.Address : _cluster.SelfAddress).ToString();

    private sealed class Follower : ReceiveActor
    {
        private readonly PartitionOwners _owners;

        public Follower(PartitionOwners owners)
        {
            _owners = owners;
            Receive<Changed>(
                changed => changed.Key.Equals(Key),
                changed => Volatile.Write(ref _owners._owners, changed.Get(Key).Entries.ToImmutableDictionary())
            );
        }

        protected override void PreStart() => _owners._replicator.Tell(Dsl.Subscribe(Key, Self));
    }
}
