namespace GpuActors.Kafka.Consuming;

/// <summary>
/// A partition was lost without a revocation, because the group removed this member. Another member may own it already, so that work on it
/// must stop at once.
/// </summary>
public sealed class PartitionLostException : Exception
{
    /// <summary>Without a text, for serializers.</summary>
    public PartitionLostException() { }

    /// <summary>With a text.</summary>
    public PartitionLostException(string message)
        : base(message) { }

    /// <summary>With a text and a cause.</summary>
    public PartitionLostException(string message, Exception innerException)
        : base(message, innerException) { }

    internal PartitionLostException(string topic, int partition)
        : base(
            $"Partition {partition} of {topic} was lost: this member did not poll or reach the group for too long, and another one may "
                + "own it already"
        ) => Partition = partition;

    /// <summary>The partition; -1 when not known.</summary>
    public int Partition { get; } = -1;
}
