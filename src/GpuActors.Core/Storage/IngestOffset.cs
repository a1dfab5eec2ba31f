namespace GpuActors.Core.Storage;

/// <summary>Where to go on in one partition: written in the transaction of the rows that it covers.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Partition">Partition.</param>
/// <param name="NextOffset">First offset that is not stored yet.</param>
public readonly record struct IngestOffset(string Topic, int Partition, long NextOffset);
