using Akka.Actor;
using GpuActors.Core.Messaging;
using GpuActors.Core.Storage;
using GpuActors.Engine.Alerts;

namespace GpuActors.Engine.Shards;

/// <summary>What the memories of a node's shards share.</summary>
/// <param name="Store">Where checkpoints are.</param>
/// <param name="Outbox">Learns what was published of a shard.</param>
/// <param name="Ends">Learns how far the alert topic reaches.</param>
/// <param name="History">Reads the alert topic back; null for nothing to read.</param>
/// <param name="RememberedTransitions">How many transitions are read back where no checkpoint says from where.</param>
/// <param name="DatabaseTimeout">How long a GPU waits while the database gives nothing.</param>
/// <param name="Time">The clock that numbers ownerships.</param>
internal sealed record ShardMemoryOptions(
    ICheckpointStore Store,
    IActorRef Outbox,
    AlertEnds Ends,
    IAlertHistory? History,
    int RememberedTransitions,
    TimeSpan DatabaseTimeout,
    TimeProvider Time
);
