using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Streams;

/// <summary>
/// Writes records to the dead-letter topic, where an operator finds what to correct at their producer. A dead letter that the broker
/// refuses for its size is shortened until it fits.
/// </summary>
internal sealed class DeadLetterProducer(IRecordProducer producer, string deadLetterTopic, string sourceTopic, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Passes the record to the producer. A full producer queue delays the caller, and with it the consumer.
    /// </summary>
    /// <param name="rejected">The record.</param>
    /// <param name="delivered">Called once, on any thread, with the broker's error, or null when the broker has stored the record.</param>
    public ValueTask Write(RejectedRecord rejected, Action<string?> delivered) => Write(rejected, DeadLetter.MaxValueBytes, delivered);

    /// <summary>Completes when the broker has stored the record.</summary>
    /// <exception cref="InvalidOperationException">The broker refuses it; the message has the broker's error.</exception>
    public async Task WriteAsync(RejectedRecord rejected)
    {
        var done = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Write(rejected, error => done.TrySetResult(error)).ConfigureAwait(false);
        if (await done.Task.ConfigureAwait(false) is { } error)
        {
            throw new InvalidOperationException($"The topic {deadLetterTopic} does not take a dead letter: {error}");
        }
    }

    private async ValueTask Write(RejectedRecord rejected, int maxValueBytes, Action<string?> delivered)
    {
        var record = DeadLetter.Create(deadLetterTopic, sourceTopic, rejected, maxValueBytes);
        while (
            !producer.TryProduce(
                record,
                (_, error, offset) =>
                {
                    if (offset == DeliveryOffset.TooLarge && maxValueBytes > 0)
                    {
                        _ = Write(rejected, Math.Min(maxValueBytes, rejected.Value?.Length ?? 0) / 2, delivered).AsTask();
                    }
                    else
                    {
                        delivered(error);
                    }
                }
            )
        )
        {
            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
    }
}
