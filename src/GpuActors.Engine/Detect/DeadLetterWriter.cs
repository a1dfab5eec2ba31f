using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Keeps records that are no samples in the dead-letter topic, from which somebody can mend the producer and send them again.
/// </summary>
internal sealed class DeadLetterWriter(IRecordProducer producer, string deadLetterTopic, string sourceTopic, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Hands the record over; the ticket's part is completed when the broker has it. A full queue holds the batch back, and with it the
    /// consumer. A record that the broker refuses for good stays unacknowledged: its batch times out and is read again, which somebody
    /// sees.
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
