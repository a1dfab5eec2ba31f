using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Protocol;

/// <summary>Between GPU actors, the memory of their shards and the rounds that write checkpoints. Never leaves the node.</summary>
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
    /// <param name="Gpus">GPUs that have a kept state or an open alert.</param>
    public sealed record Opened(long Offset, long? LogOffset, IReadOnlyCollection<GpuId> Gpus) : INoSerializationVerificationNeeded;

    /// <summary>Asks for the state of a GPU; answered by <see cref="Loaded"/>.</summary>
    public sealed record Load(GpuId Gpu) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Load"/>. The state belongs to the GPU's actor from now on.</summary>
    /// <param name="Kept">The state; null when there is none.</param>
    /// <param name="Epoch">Number of this node's ownership of the shard.</param>
    /// <param name="Published">What was published of the GPU since the state was kept, in order.</param>
    /// <param name="Open">The alerts of the GPU that are open by what was published: a GPU without a state takes them over.</param>
    public sealed record Loaded(
        RestoredGpu? Kept,
        long Epoch,
        IReadOnlyList<AlertTransition> Published,
        IReadOnlyList<AlertTransition> Open
    ) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Tells a GPU that has started without its saved state that it was read meanwhile. The state belongs to the GPU's actor from now on.
    /// </summary>
    public sealed record Recovered(GpuState Saved) : INoSerializationVerificationNeeded;

    /// <summary>The GPU is retired: its state is kept no longer, and what was published of it is forgotten.</summary>
    public sealed record Retired(GpuId Gpu) : INoSerializationVerificationNeeded;

    /// <summary>Tells a GPU to add its state to a checkpoint; answered by <see cref="StateSaved"/>.</summary>
    /// <param name="Draft">The checkpoint.</param>
    /// <param name="Slot">Number of the GPU within the shard.</param>
    public sealed record SaveState(CheckpointDraft Draft, int Slot) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="SaveState"/>.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="Any">False when nothing is known of the GPU and nothing was added.</param>
    public sealed record StateSaved(GpuId Gpu, bool Any) : INoSerializationVerificationNeeded;

    /// <summary>Writes a checkpoint of a shard; answered by <see cref="Flushed"/>.</summary>
    /// <param name="Partition">The shard.</param>
    /// <param name="Offset">Offset in the shard's partition that the states have reached at least.</param>
    /// <param name="LogOffset">The same for its kernel log lines; null when none was read here.</param>
    /// <param name="AlertOffset">End of the shard's partition of the alert topic, as known before the first state was saved.</param>
    /// <param name="Gpus">The shard's GPUs whose actors are known on this node; those that are starting are known to its memory.</param>
    public sealed record Flush(
        int Partition,
        long Offset,
        long? LogOffset,
        long AlertOffset,
        IReadOnlyList<(GpuId Gpu, IActorRef Actor)> Gpus
    ) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Flush"/>.</summary>
    /// <param name="Written">Whether it is in the database.</param>
    public sealed record Flushed(bool Written) : INoSerializationVerificationNeeded;
}
