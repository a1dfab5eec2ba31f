using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Detect;

/// <summary>Writes records that are not valid to the dead-letter topic, as parts of the ticket of their batch.</summary>
internal sealed class DeadLetterWriter(DeadLetterProducer producer)
{
    /// <summary>
    /// Passes the record to the producer; its part of the ticket is completed when the broker has stored it. A record that the broker
    /// rejects permanently stays unacknowledged: its batch times out and is read again, which the metrics show.
    /// </summary>
    public ValueTask Write(RejectedRecord rejected, BatchTicket ticket) =>
        producer.Write(
            rejected,
            error =>
            {
                if (error is null)
                {
                    ticket.Complete();
                }
            }
        );
}
