namespace GpuActors.Kafka.Consuming;

/// <summary>
/// Where to start in newly assigned partitions, asked on each assignment; partitions that are not in the answer start from their committed
/// offset.
/// </summary>
/// <param name="partitions">Partitions that were assigned just now.</param>
/// <param name="cancellationToken">Cancelled when the answer takes too long or the consumer stops.</param>
public delegate Task<IReadOnlyDictionary<int, long>> StartOffsets(IReadOnlyList<int> partitions, CancellationToken cancellationToken);
