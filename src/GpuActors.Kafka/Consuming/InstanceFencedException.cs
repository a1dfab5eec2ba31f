namespace GpuActors.Kafka.Consuming;

/// <summary>Another process has joined the consumer group under the same group instance id, so that this one is out of it.</summary>
public sealed class InstanceFencedException : Exception
{
    /// <summary>Creates the exception with a message that names group and id.</summary>
    /// <param name="group">The consumer group.</param>
    /// <param name="instance">The group instance id.</param>
    public InstanceFencedException(string group, string instance)
        : base($"Another process has joined the consumer group {group} under the name of this one, {instance}") { }
}
