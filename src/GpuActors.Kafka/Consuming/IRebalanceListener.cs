namespace GpuActors.Kafka.Consuming;

/// <summary>What a consumer reports; always on the thread that polls or closes it.</summary>
internal interface IRebalanceListener
{
    /// <returns>Where to start; partitions that are not in it start from their committed offset.</returns>
    IReadOnlyDictionary<int, long> Assigned(IReadOnlyList<int> partitions);

    void Revoked(IReadOnlyList<int> partitions);

    void Lost(IReadOnlyList<int> partitions);

    void Error(Confluent.Kafka.Error error);

    void Log(Confluent.Kafka.LogMessage message);
}
