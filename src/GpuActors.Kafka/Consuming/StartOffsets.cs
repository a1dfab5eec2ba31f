namespace GpuActors.Kafka.Consuming;

/// <summary>
/// Reads the start offsets of newly assigned partitions; called on each assignment. A partition that is not in the result starts from its
/// committed offset.
/// </summary>
/// <param name="partitions">The newly assigned partitions.</param>
/// <param name="cancellationToken">Cancelled when the result takes too long or the consumer stops.</param>
public delegate Task<IReadOnlyDictionary<int, long>> StartOffsets(IReadOnlyList<int> partitions, CancellationToken cancellationToken);
