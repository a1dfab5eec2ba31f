using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Protocol;

/// <summary>A transition that the outbox holds until the broker has it.</summary>
internal sealed class OutboxEntry(AlertTransition record, int partition, BatchTicket? ticket)
{
    /// <summary>Shard of its GPU.</summary>
    public int Partition => partition;

    /// <summary>Whether the producer has it.</summary>
    public bool IsSent { get; set; }

    /// <summary>What is, or will be, published.</summary>
    public AlertTransition Record => record.Shortened(Shortenings);

    /// <summary>How often it was shortened, because the broker refuses it for its size.</summary>
    public int Shortenings { get; set; }

    /// <summary>A part of it is completed once the broker has the record; null for none.</summary>
    public BatchTicket? Ticket => ticket;

    /// <summary>Identifies the transition.</summary>
    public TransitionId Id => record.Id;
}
