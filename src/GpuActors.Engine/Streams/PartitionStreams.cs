using Akka;
using Akka.Streams.Dsl;

namespace GpuActors.Engine.Streams;

/// <summary>What streams of partitions have in common.</summary>
internal static class PartitionStreams
{
    /// <summary>
    /// Ends in peace when it fails because its partition was taken away: its next owner reads on, and the other partitions of this node
    /// need not start again.
    /// </summary>
    /// <param name="stream">The partition's stream.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="lost">Told of the failure, once.</param>
    public static Source<TOut, NotUsed> OnlyWhileHere<TOut, TBatch>(
        this Source<TOut, NotUsed> stream,
        PartitionSource<TBatch> partition,
        Action lost
    ) =>
        stream.RecoverWithRetries(
            failure =>
            {
                if (!partition.HasGone())
                {
                    return Source.Failed<TOut>(failure);
                }

                lost();
                return Source.Empty<TOut>();
            },
            1
        );
}
