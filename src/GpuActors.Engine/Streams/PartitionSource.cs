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
    /// <summary>
    /// Lets the committed offset move to an offset, where <see cref="Done"/> alone does not. Safe from any thread; ignored after a revoke.
    /// </summary>
    public Action<long> CommitUpTo { get; init; } = _ => { };

    /// <summary>
    /// Takes what is to be done when the partition leaves in good order and all its batches are done, before its last commit. To be called
    /// before the first batch is taken.
    /// </summary>
    public Action<Func<Task>> BeforeRelease { get; init; } = _ => { };

    /// <summary>Cancelled when the partition begins to leave: what has not been begun of it need not be begun.</summary>
    public CancellationToken Leaving { get; init; }

    /// <summary>To be called instead of <see cref="Done"/> for a batch that was not begun: the committed offset stays before it.</summary>
    public Action<TBatch> Skip { get; init; } = _ => { };

    /// <summary>Whether the partition has gone: a failure of what is left of it is no failure of the source.</summary>
    public Func<bool> HasGone { get; init; } = () => false;

    /// <summary>Asks where the partition's log ends now; null without an answer in time. Default: nobody knows.</summary>
    public Func<TimeSpan, Task<long?>> QueryEndOffset { get; init; } = _ => Task.FromResult<long?>(null);
}
