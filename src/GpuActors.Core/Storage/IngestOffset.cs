namespace GpuActors.Core.Storage;

/// <summary>The next offset to store for one partition. It is written in the same transaction as the rows that it covers.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Partition">Partition.</param>
/// <param name="NextOffset">First offset that is not stored yet.</param>
public readonly record struct IngestOffset(string Topic, int Partition, long NextOffset);
