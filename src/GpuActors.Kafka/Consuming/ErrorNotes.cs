using Akka.Event;
using Confluent.Kafka;
using Error = Confluent.Kafka.Error;
using LogMessage = Confluent.Kafka.LogMessage;

namespace GpuActors.Kafka.Consuming;

/// <summary>Counts the errors of a client and logs each kind once until records flow again. Not for hot paths.</summary>
internal sealed class ErrorNotes(string topic, string client)
{
    private readonly Lock _gate = new();
    private readonly HashSet<ErrorCode> _logged = [];
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
            Last = error.Text();
            if (_logged.Add(error.Code))
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

    /// <summary>Records flow again: the next error is logged again.</summary>
    public void Recovered()
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_logged.Count > 0)
            {
                _logged.Clear();
                Log.Info("Kafka: {0} of {1} works again after {2} errors in total", topic, client, Count);
            }
        }
    }

    public void Write(LogMessage message)
    {
        // Errors reach the error handler as well, where they are counted; here they are details.
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
