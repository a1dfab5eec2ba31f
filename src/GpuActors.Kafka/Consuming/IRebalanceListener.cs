namespace GpuActors.Kafka.Consuming;

/// <summary>What a consumer reports; always on the thread that polls or closes it.</summary>
internal interface IRebalanceListener
{
    /// <param name="partitions">Partitions that come.</param>
    /// <param name="starts">Where to start them, as far as that is known already.</param>
    /// <returns>Where to start; partitions that are not in it start from their committed offset.</returns>
    IReadOnlyDictionary<int, long> Assigned(IReadOnlyList<int> partitions, IReadOnlyDictionary<int, long>? starts = null);

    void Revoked(IReadOnlyList<int> partitions);

    void Lost(IReadOnlyList<int> partitions);

    void Error(Confluent.Kafka.Error error);

    void Log(Confluent.Kafka.LogMessage message);
}
