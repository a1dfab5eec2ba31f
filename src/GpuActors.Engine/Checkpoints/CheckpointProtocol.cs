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

    /// <summary>Writes what has been saved; answered by <see cref="Flushed"/> once it is in the database.</summary>
    /// <param name="Partition">The shard to write; null for all of them.</param>
    public sealed record Flush(int? Partition = null) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Flush"/>.</summary>
    public sealed record Flushed : INoSerializationVerificationNeeded;
}
