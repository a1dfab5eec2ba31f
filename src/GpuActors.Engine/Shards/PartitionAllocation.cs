using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace GpuActors.Engine.Shards;

/// <summary>
/// Allocates a shard to the node that consumes its partition, so that samples need not cross the network. While no consumer is known, or
/// its node hosts no region, the shard goes to the region that asks for it, or else to the one with the fewest shards.
/// </summary>
internal sealed class PartitionAllocation(PartitionOwners owners) : IShardAllocationStrategy
{
    /// <inheritdoc/>
    public Task<IActorRef> AllocateShard(
        IActorRef requester,
        string shardId,
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations
    ) =>
        Task.FromResult(
            Desired(shardId, currentShardAllocations.Keys)
                ?? (
                    currentShardAllocations.ContainsKey(requester)
                        ? requester
                        : currentShardAllocations.MinBy(region => region.Value.Count).Key
                )
        );

    /// <inheritdoc/>
    public Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress
    )
    {
        // A move needs the agreement of every region, including an unreachable one. So no shard moves while a region is unreachable. After
        // its removal from the cluster its shards are free without a move.
        if (!owners.AreReachable(currentShardAllocations.Keys))
        {
            return Task.FromResult<IImmutableSet<string>>(ImmutableHashSet<string>.Empty);
        }

        var misplaced = currentShardAllocations.SelectMany(region =>
            region.Value.Where(shard =>
                !rebalanceInProgress.Contains(shard)
                && Desired(shard, currentShardAllocations.Keys) is { } desired
                && !desired.Equals(region.Key)
            )
        );
        return Task.FromResult<IImmutableSet<string>>(misplaced.ToImmutableHashSet());
    }

    private IActorRef? Desired(string shardId, IEnumerable<IActorRef> regions) =>
        owners.Of(int.Parse(shardId, CultureInfo.InvariantCulture)) is { } owner
            ? regions.FirstOrDefault(region => owners.AddressOf(region) == owner)
            : null;
}
