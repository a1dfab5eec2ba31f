namespace GpuActors.Core.Storage;

/// <summary>
/// The stored offset of a partition differs from the offset that the writer expects. The writer must give up the partition and start again
/// from the stored offset.
/// </summary>
public sealed class OffsetConflictException : Exception
{
    /// <summary>Creates the exception with a message that names the partition and both offsets.</summary>
    /// <param name="topic">Topic.</param>
    /// <param name="partition">Partition.</param>
    /// <param name="stored">Next offset according to the database.</param>
    /// <param name="attempted">First offset that the writer tried to store.</param>
    public OffsetConflictException(string topic, int partition, long stored, long attempted)
        : base(
            $"{topic}[{partition}]: the database expects offset {stored}, but this writer has offset {attempted}: another node has stored "
                + "this partition in the meantime. Restart reading from the stored offset."
        ) => Partition = partition;

    /// <summary>The partition.</summary>
    public int Partition { get; }
}
