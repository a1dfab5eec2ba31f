using Akka.Actor;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Checkpoints;

/// <summary>Between GPU actors and the checkpoint of their node. Never leaves the node.</summary>
internal static class CheckpointProtocol
{
    /// <summary>Asks for the state of a GPU.</summary>
    public sealed record Load(GpuId Gpu) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Load"/>; empty when there is none.</summary>
    public sealed record Loaded(byte[] Snapshot) : INoSerializationVerificationNeeded;

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
    public sealed record Flush(int Partition, long Offset) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Flush"/>.</summary>
    /// <param name="Written">Whether it is in the database.</param>
    public sealed record Flushed(bool Written) : INoSerializationVerificationNeeded;

    /// <summary>The partition has come to this node: states are to be read from the database, not from what this node knew of them when it had the partition before.</summary>
    /// <param name="Partition">The shard.</param>
    public sealed record Reload(int Partition) : INoSerializationVerificationNeeded;
}
