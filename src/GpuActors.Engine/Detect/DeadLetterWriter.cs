using System.Globalization;
using System.Text;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Keeps records that are no samples: original key and value, and in headers the reason and where it came from, so that somebody can mend
/// the producer and send them again.
/// </summary>
internal sealed class DeadLetterWriter(IRecordProducer producer, string deadLetterTopic, string sourceTopic, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Hands the record over; the ticket's part is completed when the broker has it.</summary>
    public async ValueTask Write(RejectedRecord rejected, BatchTicket ticket)
    {
        var record = new OutgoingRecord(deadLetterTopic, rejected.Key, rejected.Value,
        [
            Header("reason", Snake(rejected.Reason)),
            Header("detail", rejected.Detail),
            Header("topic", sourceTopic),
            Header("partition", rejected.Partition.ToString(CultureInfo.InvariantCulture)),
            Header("offset", rejected.Offset.ToString(CultureInfo.InvariantCulture)),
        ]);

        // A full queue holds the batch back, and with it the consumer. A record the broker refuses for good is not acknowledged either: the
        // batch times out and is read again, which is visible, where dropping it would not be.
        while (!producer.TryProduce(record, Delivered, ticket))
        {
            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
    }

    private static void Delivered(object? state, string? error)
    {
        if (error is null)
        {
            ((BatchTicket)state!).Complete();
        }
    }

    private static KeyValuePair<string, byte[]> Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));

    private static string Snake(RejectReason reason) =>
        string.Concat(reason.ToString().Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
