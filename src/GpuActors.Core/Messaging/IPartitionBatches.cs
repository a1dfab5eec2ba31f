using System.Threading.Channels;

namespace GpuActors.Core.Messaging;

/// <summary>
/// An assigned partition with its records, in batches. The Kafka source emits these; tests make them from a list. A batch is acknowledged
/// by <see cref="Done"/> or <see cref="Skip"/>, never by record.
/// </summary>
/// <typeparam name="TBatch">The records that one poll reads from one partition.</typeparam>
public interface IPartitionBatches<TBatch> : IAssignedPartition
    where TBatch : class
{
    /// <summary>
    /// Batches in offset order, for one reader. Completes when the partition is revoked or the consumer stops, and fails when the partition
    /// is lost. Bounded: a reader that does not read stops the consumer.
    /// </summary>
    ChannelReader<TBatch> Batches { get; }

    /// <summary>
    /// Says that <paramref name="batch"/> is not needed any more. Its memory may be reused at once. Unless the consumer commits only on
    /// request, the committed offset moves past it when all earlier batches are done too. A second call, and one after the partition has
    /// left, does nothing.
    /// </summary>
    void Done(TBatch batch);

    /// <summary>
    /// Says that <paramref name="batch"/> was not processed and will not be: nothing waits for it any longer, and the committed offset
    /// stays before it.
    /// </summary>
    void Skip(TBatch batch);

    /// <summary>
    /// Says that <see cref="Batches"/> is not read any more. If the partition is still assigned, it goes
    /// (<see cref="IAssignedPartition.HasGone"/>), and after a pause that grows with each failure the consumer assigns it anew, from the
    /// offset up to which its records are done.
    /// </summary>
    void ReaderStopped();
}
