using Akka;
using Akka.Streams.Dsl;

namespace GpuActors.Engine.Streams;

/// <summary>
/// One assigned partition as the engine sees it. The host makes it of the Kafka source; tests make it of a list. <see cref="Batches"/>
/// completes when the partition is revoked, and fails when it is lost.
/// </summary>
/// <typeparam name="TBatch">What one poll brings.</typeparam>
/// <param name="Partition">Partition number, which is the shard id of its GPUs.</param>
/// <param name="Batches">Batches in offset order.</param>
/// <param name="Done">
/// To be called once for each batch, in order, when nothing needs it any more: lets the source move its committed offset
/// past the batch and reuse the object. Safe from any thread; ignored after a revoke.
/// </param>
public sealed record PartitionSource<TBatch>(int Partition, Source<TBatch, NotUsed> Batches, Action<TBatch> Done)
{
    /// <summary>Lets the committed offset move to an offset, where <see cref="Done"/> alone does not. Safe from any thread; ignored after a revoke.</summary>
    public Action<long> CommitUpTo { get; init; } = _ => { };
}
