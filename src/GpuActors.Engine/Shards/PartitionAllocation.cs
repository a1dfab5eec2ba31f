using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace GpuActors.Engine.Shards;

/// <summary>
/// A shard lives where its partition is consumed, so that samples cross no network. Until somebody has said who consumes it, and while that
/// node hosts no region, a shard goes to whoever asks for it, or else to the region with the fewest.
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
            Wanted(shardId, currentShardAllocations.Keys)
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
        // Every region has to agree to a move, also one that is dead: nothing moves before it is removed, and then its own shards are free
        // without a move.
        if (!owners.AreReachable(currentShardAllocations.Keys))
        {
            return Task.FromResult<IImmutableSet<string>>(ImmutableHashSet<string>.Empty);
        }

        var misplaced = currentShardAllocations.SelectMany(region =>
            region.Value.Where(shard =>
                !rebalanceInProgress.Contains(shard)
                && Wanted(shard, currentShardAllocations.Keys) is { } wanted
                && !wanted.Equals(region.Key)
            )
        );
        return Task.FromResult<IImmutableSet<string>>(misplaced.ToImmutableHashSet());
    }

    private IActorRef? Wanted(string shardId, IEnumerable<IActorRef> regions) =>
        owners.Of(int.Parse(shardId, CultureInfo.InvariantCulture)) is { } owner
            ? regions.FirstOrDefault(region => owners.AddressOf(region) == owner)
            : null;
}
