using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Writes records that are not valid to the dead-letter topic, where an operator finds what to correct at their producer.
/// </summary>
internal sealed class DeadLetterWriter(IRecordProducer producer, string deadLetterTopic, string sourceTopic, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Passes the record to the producer; its part of the ticket is completed when the broker has stored it. A full producer queue delays
    /// the batch, and with it the consumer. A record that the broker rejects permanently stays unacknowledged: its batch times out and is
    /// read again, which the metrics show.
    /// </summary>
    public async ValueTask Write(RejectedRecord rejected, BatchTicket ticket)
    {
        var record = DeadLetter.Create(deadLetterTopic, sourceTopic, rejected);
        while (!producer.TryProduce(record, Delivered, ticket))
        {
            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
    }

    private static void Delivered(object? state, string? error, long offset)
    {
        if (error is null)
        {
            ((BatchTicket)state!).Complete();
        }
    }
}
