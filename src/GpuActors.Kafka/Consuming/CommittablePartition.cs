using Akka;
using Akka.Streams.Dsl;

namespace GpuActors.Kafka.Consuming;

/// <summary>One partition that was assigned to this consumer.</summary>
/// <typeparam name="TBatch">What one poll brings of one partition.</typeparam>
public sealed class CommittablePartition<TBatch>
    where TBatch : class
{
    private readonly AssignedPartition<TBatch> _state;

    internal CommittablePartition(AssignedPartition<TBatch> state)
    {
        _state = state;
        CommittableBatches = state.Source();
        Batches = CommittableBatches.Select(committable => committable.Batch);
    }

    /// <summary>Partition number.</summary>
    public int Partition => _state.Partition;

    /// <summary>
    /// Batches in offset order, each to be marked done. Completes when the partition is revoked or the consumer stops, fails when it is lost. To be run
    /// once; a stream that ends by itself while the partition is assigned fails the consumer, since nobody would read on.
    /// </summary>
    public Source<CommittableBatch<TBatch>, NotUsed> CommittableBatches { get; }

    /// <summary>The same without the envelope, for those who call <see cref="Done"/>. Run either this or <see cref="CommittableBatches"/>.</summary>
    public Source<TBatch, NotUsed> Batches { get; }

    /// <summary>Says that nothing needs <paramref name="batch"/> any more (<see cref="CommittableBatch{TBatch}.MarkDone"/>). Safe from any thread; ignored after a revoke.</summary>
    public void Done(TBatch batch) => _state.Done(batch);

    /// <summary>
    /// Lets the committed offset move to <paramref name="nextOffset"/>, for <see cref="Settings.KafkaConsumerSettings.ManualCommit"/>. Safe from any thread; ignored after a revoke.
    /// </summary>
    public void CommitUpTo(long nextOffset) => _state.CommitUpTo(nextOffset);
}
