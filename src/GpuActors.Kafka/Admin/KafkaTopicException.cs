namespace GpuActors.Kafka.Admin;

/// <summary>Brokers or topics are not as they must be; the text says what to do.</summary>
public sealed class KafkaTopicException : Exception
{
    /// <summary>Without a text, for serializers.</summary>
    public KafkaTopicException() { }

    /// <summary>With a text.</summary>
    public KafkaTopicException(string message)
        : base(message) { }

    /// <summary>With a text and a cause.</summary>
    public KafkaTopicException(string message, Exception innerException)
        : base(message, innerException) { }
}
