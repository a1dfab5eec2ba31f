using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Composition;

/// <summary>Takes GPUs out of the fleet, on whichever nodes of the cluster their actors are.</summary>
internal static class FleetRetirement
{
    /// <param name="region">The region of GPUs or its proxy.</param>
    /// <param name="partitions">Number of shards.</param>
    /// <param name="scope">What is retired.</param>
    /// <param name="name">Its id or name.</param>
    /// <param name="timeout">Longest wait for the answer of a shard.</param>
    /// <returns>GPUs that were retired.</returns>
    /// <exception cref="FormatException">The name is not the id of a GPU, although the scope is one.</exception>
    /// <exception cref="AskTimeoutException">Shards have not answered in time. GPUs of others may be retired; the command can be
    /// repeated.</exception>
    public static async Task<int> RetireAsync(IActorRef region, int partitions, RetireScope scope, string name, TimeSpan timeout)
    {
        // A GPU is in the shard of its partition; a host or rack may have GPUs in any.
        int[] shards = scope == RetireScope.Gpu ? [Murmur2.Partition(GpuId.Parse(name), partitions)] : [.. Enumerable.Range(0, partitions)];
        var asked = shards.Select(shard => region.Ask<GpusRetired>(new RetireGpus(shard, scope, name), timeout)).ToList();
        return (await Task.WhenAll(asked).ConfigureAwait(false)).Sum(answer => answer.Count);
    }
}
