namespace GpuActors.Kafka.Consuming;

/// <summary>Receives the events of a consumer, always on the thread that polls or closes it.</summary>
internal interface IRebalanceListener
{
    /// <param name="partitions">The assigned partitions.</param>
    /// <param name="starts">Their start offsets, where they are known already; null when they are not.</param>
    /// <returns>The start offsets; a partition without one starts from its committed offset.</returns>
    IReadOnlyDictionary<int, long> Assigned(IReadOnlyList<int> partitions, IReadOnlyDictionary<int, long>? starts = null);

    void Revoked(IReadOnlyList<int> partitions);

    void Lost(IReadOnlyList<int> partitions);

    void Error(Confluent.Kafka.Error error);

    void Log(Confluent.Kafka.LogMessage message);
}
