namespace GpuActors.Kafka.Buffering;

/// <summary>What a person should know of a <see cref="BufferedRecordProducer"/>. Called on any thread; must not block.</summary>
public interface IDeliveryEvents
{
    /// <summary>The brokers refuse records or are away. Called once until <see cref="Recovered"/>.</summary>
    /// <param name="fault">What the client says.</param>
    /// <param name="remedy">What to do.</param>
    void Failing(string fault, string remedy);

    /// <summary>The buffer is full, so that the oldest records are dropped. Called once until <see cref="Recovered"/>.</summary>
    /// <param name="buffered">Records in the buffer.</param>
    void Dropping(long buffered);

    /// <summary>Records are delivered again.</summary>
    /// <param name="outage">Time since <see cref="Failing"/>.</param>
    /// <param name="buffered">Records that are still to be delivered.</param>
    /// <param name="dropped">Records that were dropped meanwhile.</param>
    void Recovered(TimeSpan outage, long buffered, long dropped);

    /// <summary>The files cannot be used, so that only memory is. Called once.</summary>
    void DiskFailed(string directory, string fault);
}
