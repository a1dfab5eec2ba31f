namespace GpuActors.Kafka.Admin;

/// <summary>Brokers or topics do not meet the requirements; the text names the remedy.</summary>
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
