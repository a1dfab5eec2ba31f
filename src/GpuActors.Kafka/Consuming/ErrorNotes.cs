using Akka.Event;
using Confluent.Kafka;
using Error = Confluent.Kafka.Error;
using LogMessage = Confluent.Kafka.LogMessage;

namespace GpuActors.Kafka.Consuming;

/// <summary>Counts a client's errors and logs each kind once until things work again. Not for hot paths.</summary>
internal sealed class ErrorNotes(string topic, string client)
{
    private readonly Lock _gate = new();
    private readonly HashSet<ErrorCode> _told = [];
    private long _count;

    public ILoggingAdapter Log { get; set; } = NoLogger.Instance;

    public long Count => Interlocked.Read(ref _count);

    public string? Last { get; private set; }

    public void Note(Error error)
    {
        Interlocked.Increment(ref _count);
        KafkaMetrics.Errors.Add(1, KafkaMetrics.Group(client));
        lock (_gate)
        {
            Last = $"{error.Reason} ({error.Code})";
            if (_told.Add(error.Code))
            {
                Log.Warning(
                    "Kafka: {0} of {1}: {2} ({3}); further ones of this kind are counted, not logged",
                    topic,
                    client,
                    error.Reason,
                    error.Code
                );
            }
        }
    }

    /// <summary>Data flows: the next error is news again.</summary>
    public void Recovered()
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_told.Count > 0)
            {
                _told.Clear();
                Log.Info("Kafka: {0} of {1} works again after {2} errors in all", topic, client, Count);
            }
        }
    }

    public void Write(LogMessage message)
    {
        // Errors come through the error handler too, counted; what is left of them here is detail.
        if (message.Level <= SyslogLevel.Error)
        {
            Log.Info("Kafka: {0}: {1}", message.Name, message.Message);
        }
        else
        {
            Log.Debug("Kafka: {0}: {1}", message.Name, message.Message);
        }
    }
}
