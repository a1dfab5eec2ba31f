using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Protocol;

/// <summary>Between GPU actors, the memory of their shards and the rounds that write it. Never leaves the node.</summary>
internal static class CheckpointProtocol
{
    /// <summary>
    /// The partition has come to this node: the shard's memory is to be read anew, not taken from what this node knew when it had the
    /// partition before. Answered by <see cref="Opened"/>.
    /// </summary>
    /// <param name="Partition">The shard.</param>
    public sealed record Open(int Partition) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Answers <see cref="Open"/> once GPUs of the shard can start: their states are here, and the outbox knows what was published.
    /// </summary>
    /// <param name="Offset">Offset in the shard's partition that the kept states have reached; 0 for none.</param>
    /// <param name="LogOffset">Where the shard's kernel log lines go on; null when no checkpoint says so.</param>
    /// <param name="Gpus">GPUs that have a kept state.</param>
    public sealed record Opened(long Offset, long? LogOffset, IReadOnlyCollection<GpuId> Gpus) : INoSerializationVerificationNeeded;

    /// <summary>Asks for the state of a GPU.</summary>
    public sealed record Load(GpuId Gpu) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Load"/>.</summary>
    /// <param name="Snapshot">The state; empty when there is none.</param>
    /// <param name="Epoch">Number of this node's ownership of the shard.</param>
    /// <param name="Published">What was published of the GPU since the state was kept, in order.</param>
    public sealed record Loaded(byte[] Snapshot, long Epoch, IReadOnlyList<AlertTransition> Published) : INoSerializationVerificationNeeded;

    /// <summary>Keeps the state of a GPU until the next write.</summary>
    public sealed record Save(GpuId Gpu, byte[] Snapshot) : INoSerializationVerificationNeeded;

    /// <summary>Answers <c>SaveState</c>: the state has gone to the checkpoint.</summary>
    public sealed record StateSaved : INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static StateSaved Instance { get; } = new();
    }

    /// <summary>Writes what has been saved of a shard; answered by <see cref="Flushed"/>.</summary>
    /// <param name="Partition">The shard.</param>
    /// <param name="Offset">Offset in the shard's partition that the states have reached at least.</param>
    /// <param name="LogOffset">The same for its kernel log lines; null when none was read here.</param>
    /// <param name="AlertOffset">End of the shard's partition of the alert topic, as known before the first state was saved.</param>
    public sealed record Flush(int Partition, long Offset, long? LogOffset, long AlertOffset) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Flush"/>.</summary>
    /// <param name="Written">Whether it is in the database.</param>
    public sealed record Flushed(bool Written) : INoSerializationVerificationNeeded;
}
