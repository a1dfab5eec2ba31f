using Akka.Actor;
using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Protocol;

/// <summary>Between GPU actors, the memory of their shards, and the outbox. Never leaves the node.</summary>
internal static class OutboxProtocol
{
    /// <summary>Publish a transition, and complete a part of the ticket once the broker has it.</summary>
    public sealed record Publish(AlertTransition Transition, BatchTicket? Ticket) : INoSerializationVerificationNeeded;

    /// <summary>The producer's answer.</summary>
    /// <param name="Entry">What it answers for.</param>
    /// <param name="Error">Null when the broker has the record.</param>
    /// <param name="TooLarge">Whether the record is refused for its size.</param>
    public sealed record Delivered(OutboxEntry Entry, string? Error, bool TooLarge) : INoSerializationVerificationNeeded;

    /// <summary>Time to offer what waits to the producer again.</summary>
    public sealed record Retry : INoSerializationVerificationNeeded;

    /// <summary>
    /// A shard has come to this node: these transitions of its GPUs are in the topic, and need not be published when a replay makes them
    /// again.
    /// </summary>
    /// <param name="Partition">The shard.</param>
    /// <param name="Published">What the topic holds since the shard's checkpoint.</param>
    public sealed record ShardCame(int Partition, IReadOnlyCollection<AlertTransition> Published) : INoSerializationVerificationNeeded;

    /// <summary>A shard was taken from this node by force: its next owner makes again what still waits here.</summary>
    /// <param name="Partition">The shard.</param>
    public sealed record ShardLost(int Partition) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Asks to be told when everything of a shard that has been handed over so far is delivered; answered by <see cref="AllDelivered"/>.
    /// </summary>
    /// <param name="Partition">The shard.</param>
    public sealed record AwaitDelivery(int Partition) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="AwaitDelivery"/>.</summary>
    public sealed record AllDelivered : INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static AllDelivered Instance { get; } = new();
    }

    /// <summary>A shard's checkpoint is in the database: transitions before the one before it are never made again.</summary>
    /// <param name="Partition">The shard.</param>
    public sealed record CheckpointWritten(int Partition) : INoSerializationVerificationNeeded;
}
