using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;

namespace GpuActors.Engine.Streams;

/// <summary>Assigned partitions as Akka streams.</summary>
internal static class PartitionStreams
{
    /// <summary>Partitions of one node at most; a topic has far fewer.</summary>
    public const int MaxPartitions = 4096;

    /// <summary>The partition's batches as a stream, to be run once. Tells the partition when the stream ends.</summary>
    public static Source<TBatch, NotUsed> ReadBatches<TBatch>(this IPartitionBatches<TBatch> partition)
        where TBatch : class =>
        ChannelSource
            .FromReader(partition.Batches)
            .WatchTermination(
                (notUsed, ended) =>
                {
                    _ = ended.ContinueWith(
                        _ => partition.ReaderStopped(),
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default
                    );
                    return notUsed;
                }
            );

    /// <summary>
    /// Completes the stream of one partition when it fails, so that the other partitions of this node need no restart. When the partition
    /// has left, its next owner reads on. Otherwise its consumer assigns it again, and it is read on from its offset.
    /// </summary>
    /// <param name="stream">The partition's stream, which reads it by <see cref="ReadBatches"/>.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="onLost">Called once with a failure after the partition has left.</param>
    /// <param name="onFailure">Called once with any other failure.</param>
    public static Source<TOut, NotUsed> CompleteOnFailure<TOut>(
        this Source<TOut, NotUsed> stream,
        IAssignedPartition partition,
        Action onLost,
        Action<Exception> onFailure
    ) =>
        stream.RecoverWithRetries(
            failure =>
            {
                if (partition.HasGone)
                {
                    onLost();
                }
                else
                {
                    onFailure(failure.GetBaseException());
                }

                return Source.Empty<TOut>();
            },
            1
        );

    /// <summary>
    /// Runs a stream until it completes, and creates it again with a growing delay when it fails.
    /// </summary>
    /// <param name="system">The actor system.</param>
    /// <param name="create">Creates the stream.</param>
    /// <param name="onFailure">Called with each failure.</param>
    public static Task RunWithRestarts<TOut>(ActorSystem system, Func<Source<TOut, NotUsed>> create, Action<Exception> onFailure) =>
        RestartSource
            .OnFailuresWithBackoff(
                () =>
                    create()
                        .SelectError(failure =>
                        {
                            onFailure(failure);
                            return failure;
                        }),
                RestartSettings.Create(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), 0.2)
            )
            .RunWith(Sink.Ignore<TOut>().MapMaterializedValue(ended => (Task)ended), system.Materializer());
}
