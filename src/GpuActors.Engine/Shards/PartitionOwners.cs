using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;

namespace GpuActors.Engine.Shards;

/// <summary>
/// Which node consumes which partition, as far as this node knows: replicated to all nodes, so that the shards can follow. A node that
/// takes a partition over overwrites the one before; nobody deletes anything. Thread-safe.
/// </summary>
internal sealed class PartitionOwners
{
    private static readonly LWWDictionaryKey<int, string> Key = new("gpu-partition-owners");

    private readonly Cluster _cluster;
    private readonly IActorRef _replicator;
    private ImmutableDictionary<int, string> _owners = ImmutableDictionary<int, string>.Empty;

    /// <summary>Follows what the nodes of <paramref name="system"/>'s cluster say.</summary>
    public PartitionOwners(ActorSystem system)
    {
        _cluster = Cluster.Get(system);
        _replicator = DistributedData.Get(system).Replicator;
        _ = system.ActorOf(Props.Create(() => new Follower(this)));
    }

    /// <summary>This node consumes a partition from now on.</summary>
    public void Take(int partition)
    {
        var self = _cluster.SelfAddress.ToString();
        // What this node knows counts at once; the others hear of it within a second.
        ImmutableInterlocked.Update(ref _owners, static (owners, taken) => owners.SetItem(taken.partition, taken.self), (partition, self));
        _replicator.Tell(
            Dsl.Update(Key, LWWDictionary<int, string>.Empty, WriteLocal.Instance, owners => owners.SetItem(_cluster, partition, self)),
            ActorRefs.NoSender
        );
    }

    /// <summary>Address of the node that consumes a partition; null when nobody has said so.</summary>
    public string? Of(int partition) => Volatile.Read(ref _owners).GetValueOrDefault(partition);

    /// <summary>Whether, as far as this node knows, some partition is still its own.</summary>
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
