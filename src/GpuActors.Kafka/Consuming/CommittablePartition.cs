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
    /// Batches in offset order, each to be marked done. Completes when the partition is revoked or the consumer stops, fails when it is
    /// lost. To be run once; a stream that ends by itself while the partition is assigned fails the consumer, since nobody would read on.
    /// </summary>
    public Source<CommittableBatch<TBatch>, NotUsed> CommittableBatches { get; }

    /// <summary>
    /// The same without the envelope, for those who call <see cref="Done"/>. Run either this or <see cref="CommittableBatches"/>.
    /// </summary>
    public Source<TBatch, NotUsed> Batches { get; }

    /// <summary>
    /// Says that nothing needs <paramref name="batch"/> any more (<see cref="CommittableBatch{TBatch}.MarkDone"/>). Safe from any thread;
    /// ignored after a revoke.
    /// </summary>
    public void Done(TBatch batch) => _state.Done(batch);

    /// <summary>
    /// Lets the committed offset move to <paramref name="nextOffset"/>, for <see cref="Settings.KafkaConsumerSettings.ManualCommit"/>. Safe
    /// from any thread; ignored after a revoke.
    /// </summary>
    public void CommitUpTo(long nextOffset) => _state.CommitUpTo(nextOffset);

    /// <summary>
    /// Called once when the partition leaves in good order (revoked, or the consumer stops) and all its batches are done, before its last
    /// offset is committed: the moment to write a checkpoint. The group waits for it, at most
    /// <see cref="Settings.KafkaConsumerSettings.RevokeDrainTimeout"/>. Not called for a partition that is lost. Null for nothing.
    /// </summary>
    public Func<Task>? BeforeRelease
    {
        get => _state.BeforeRelease;
        set => _state.BeforeRelease = value;
    }

    /// <summary>Cancelled when the partition begins to leave: revoked, lost, or the consumer stops.</summary>
    public CancellationToken Leaving => _state.Leaving;

    /// <summary>
    /// Says that <paramref name="batch"/> was not handled and will not be: nothing waits for it any longer, and the committed offset stays
    /// before it.
    /// </summary>
    public void Skip(TBatch batch) => _state.Skip(batch);

    /// <summary>Whether the partition has gone from this consumer: what is still done of it is no longer committed.</summary>
    public bool HasGone => _state.HasGone;

    /// <summary>Asks the partition's leader where its log ends now.</summary>
    /// <returns>The end; null when there is no answer within <paramref name="timeout"/>, or when the partition has gone.</returns>
    public Task<long?> QueryEndOffset(TimeSpan timeout) => _state.QueryEndOffset(timeout);
}
