using Akka.Actor;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Shards;

/// <summary>What the probes of a node's shards share.</summary>
/// <param name="Region">Finds the region of GPUs on this node.</param>
/// <param name="KeepAsync">Writes a checkpoint of a shard; true when its states are in the database.</param>
/// <param name="ArrivalOf">
/// The arrival of a GPU's partition on this node: completed successfully while the partition is here, and null when it is not assigned to
/// this node.
/// </param>
internal sealed record ShardServices(Func<IActorRef> Region, Func<int, Task<bool>> KeepAsync, Func<GpuId, Task?> ArrivalOf);
